import { Type, type TSchema } from "typebox";
import { describe, expect, test } from "vitest";
import { compileSerializer, compileValidator } from "./schemas.ts";

const route = { method: "GET", url: "/x" };

function validate(schema: TSchema, httpPart: string, input: unknown): unknown {
  return compileValidator({ schema, httpPart, ...route })(input);
}

const Query = Type.Object({
  points: Type.Integer({ minimum: 1, default: 500 }),
  format: Type.Union([Type.Literal("csv"), Type.Literal("json")], { default: "csv" }),
});

describe("compileValidator()", () => {
  test("reads numbers from a query and fills in what is not given", () => {
    const input = Object.assign(Object.create(null), { points: "7" });
    expect(validate(Query, "querystring", input)).toEqual({ value: { points: 7, format: "csv" } });
  });

  test.each(["1.5", "true", "", "0x1", "1e1", ["1"]])(
    "takes %j in a query for no integer",
    (points) => {
      const { error } = validate(Query, "querystring", { points }) as { error: Error };
      expect(error.message).toBe("Cannot accept the query: /points must be integer.");
    },
  );

  test("fills in what a body does not give", () => {
    expect(validate(Query, "body", {})).toEqual({ value: { points: 500, format: "csv" } });
  });

  test("takes no text for a number in a body", () => {
    const { error } = validate(Query, "body", { points: "7", format: "csv" }) as { error: Error };
    expect(error.message).toBe("Cannot accept the body: /points must be integer.");
  });

  test("names what is wrong, field by field, and says what would be right", () => {
    const schema = Type.Object(Query.properties, { additionalProperties: false });
    const input = { points: "0", format: "xml", extra: "1" };
    expect(validate(schema, "querystring", input)).toMatchObject({
      error: {
        status: 400,
        errors: [
          { message: 'must not have "extra"' },
          { column: "/points", message: "must be >= 1" },
          { column: "/format", message: 'must be one of "csv", "json"' },
        ],
      },
    });
  });
});

describe("compileSerializer()", () => {
  const schema = Type.Object({ values: Type.Array(Type.Union([Type.Number(), Type.Null()])) });

  test("writes gaps as null", () => {
    const [render, renderChecked] = [false, true].map((checked) =>
      compileSerializer({ checked })({ schema, httpStatus: "200", ...route }),
    );
    expect(render?.({ values: [1, Number.NaN] })).toBe('{"values":[1,null]}');
    expect(renderChecked?.({ values: [1, Number.NaN] })).toBe('{"values":[1,null]}');
  });

  test("refuses an answer that is not as its schema says, where it checks", () => {
    const render = compileSerializer({ checked: true })({ schema, httpStatus: "200", ...route });
    expect(() => render({ values: ["1"] })).toThrow("Cannot answer 200 to /x: /values/0");
  });
});
