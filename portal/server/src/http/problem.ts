import { HttpProblem } from "@perfanalysis/contract/http-problem";

/** The one answer for an id that is unknown, deleted or another tenant's: nobody can tell which. */
export function notFound(detail: string): HttpProblem {
  return new HttpProblem(404, "Not found", detail);
}

/** A 400 for one field, `column` being its JSON Pointer. */
export function invalidField(column: string, message: string): HttpProblem {
  return new HttpProblem(400, "Invalid request", `${message}.`, { errors: [{ column, message }] });
}
