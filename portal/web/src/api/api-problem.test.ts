import { expect, test } from "vitest";
import { parseProblem } from "./api-problem.ts";

test("parseProblem() keeps title, detail, faults and request id when the portal answers problem+json", () => {
  const problem = parseProblem(
    400,
    new Headers(),
    JSON.stringify({
      type: "about:blank",
      title: "Invalid CSV",
      status: 400,
      detail: "2 faults",
      request_id: "req-7",
      errors: [{ line: 3, column: "cpu_user", message: "not a number" }, "nonsense"],
    }),
  );
  expect(problem).toMatchObject({
    title: "Invalid CSV",
    detail: "2 faults",
    status: 400,
    requestId: "req-7",
  });
  expect(problem.errors).toEqual([{ line: 3, column: "cpu_user", message: "not a number" }]);
});

test("parseProblem() reads the sign-in's own shape and how long to wait", () => {
  const headers = new Headers({ "x-retry-after": "17" });
  const problem = parseProblem(429, headers, '{"message":"Too many requests."}');
  expect(problem).toMatchObject({
    title: "Too many requests",
    detail: "Too many requests.",
    retryAfterS: 17,
  });
});

test("parseProblem() names the status when a proxy answers with a page of its own", () => {
  const headers = new Headers({ "x-request-id": "abc", "retry-after": "soon" });
  const problem = parseProblem(503, headers, "<html>Bad gateway</html>");
  expect(problem).toMatchObject({
    title: "The portal is not ready",
    detail: "",
    requestId: "abc",
    retryAfterS: null,
    errors: [],
  });
});
