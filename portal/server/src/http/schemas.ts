// How requests are checked against their TypeBox schemas, and how a fault of one reads.
import type { Fault } from "@perfanalysis/contract/problem";
import { HttpProblem } from "@perfanalysis/contract/http-problem";
import type { FastifySchemaCompiler, FastifySerializerCompiler } from "fastify";
import { IsInteger, IsObject, type TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { Value } from "typebox/value";

type ValidationError = ReturnType<Validator["Errors"]>[number];

/**
 * Query strings and paths are text, so "5" is the number 5 there. A JSON body must have the right types itself. What is not
 * given gets its default.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = "body" }) => {
  const validator = Compile(schema);
  return (input: unknown) => {
    const value = Value.Default(schema, httpPart === "body" ? input : convert(schema, input));
    return validator.Check(value)
      ? { value }
      : { error: toProblem(httpPart, validator.Errors(value)) };
  };
};

/**
 * NaN, a gap in typed arrays, becomes null. With `checked`, as in tests, an answer that is not as its schema says is an error
 * instead of a surprise for the client; types already see to most of that.
 */
export function compileSerializer({
  checked,
}: {
  checked: boolean;
}): FastifySerializerCompiler<TSchema> {
  if (!checked) return () => JSON.stringify;
  return ({ schema, url, httpStatus }) => {
    const validator = Compile(schema);
    return (value: unknown) => {
      const text = JSON.stringify(value);
      const answer: unknown = JSON.parse(text);
      if (validator.Check(answer)) return text;
      const why = toFaults(validator.Errors(answer)).map(
        ({ column, message }) => `${column ?? ""} ${message}`,
      );
      throw new TypeError(`Cannot answer ${httpStatus} to ${url}: ${why.join("; ")}`);
    };
  };
}

function convert(schema: TSchema, input: unknown): unknown {
  if (!IsObject(schema) || typeof input !== "object") return input;
  const fields: Record<string, unknown> = { ...input };
  for (const [name, field] of Object.entries(schema.properties)) {
    const text = fields[name];
    // Value.Convert() would take "1.5" and "true" for the integer 1.
    if (IsInteger(field) && typeof text === "string" && /^-?\d+(?:\.\d+)?$/.test(text))
      fields[name] = Number(text);
  }
  return fields;
}

function toProblem(httpPart: string, errors: ValidationError[]): HttpProblem {
  const faults = toFaults(errors);
  const where = { querystring: "query", params: "path" }[httpPart] ?? httpPart;
  const what = faults.map(({ column, message }) => `${column ?? where} ${message}`).join("; ");
  return new HttpProblem(400, "Invalid request", `Cannot accept the ${where}: ${what}.`, {
    errors: faults,
  });
}

/** `column` is the JSON Pointer of the field, none where it is the whole. */
export function toFaults(errors: ValidationError[]): Fault[] {
  const faults: Fault[] = [];
  const allowed = new Map<string, unknown[]>();
  for (const error of errors.slice(0, 100)) {
    const path = error.instancePath;
    // "anyOf" and "boolean" (a field that is not allowed) only repeat what stands beside them.
    if (error.keyword === "anyOf" || error.keyword === "boolean") continue;
    if (error.keyword === "const") {
      allowed.set(path, [...(allowed.get(path) ?? []), error.params.allowedValue]);
    } else {
      faults.push({ ...(path === "" ? {} : { column: path }), message: toMessage(error) });
    }
  }
  for (const [column, values] of allowed)
    faults.push({
      column,
      message: `must be one of ${values.map((v) => JSON.stringify(v)).join(", ")}`,
    });
  return faults;
}

function toMessage(error: ValidationError): string {
  return error.keyword === "additionalProperties"
    ? `must not have ${error.params.additionalProperties.map((name) => JSON.stringify(name)).join(", ")}`
    : error.message;
}
