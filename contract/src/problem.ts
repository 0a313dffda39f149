// Format: https://www.rfc-editor.org/rfc/rfc9457
import { Type, type Static } from "typebox";

/** One fault of the input. Line and column are those of a spreadsheet: line 1 is the header. */
export const Fault = Type.Object({
  /** Line of the input, from 1. */
  line: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Name of the CSV column, or the JSON Pointer of the field. */
  column: Type.Optional(Type.String()),
  /** The offending text, cut to 80 characters. */
  value: Type.Optional(Type.String()),
  message: Type.String(),
});
export type Fault = Static<typeof Fault>;

export const Problem = Type.Object(
  {
    /** `about:blank`, or a path of the portal's documentation. */
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    request_id: Type.String(),
    /** At most 100; `detail` says how many there were. */
    errors: Type.Optional(Type.Array(Fault)),
  },
  { $id: "Problem", title: "Problem" },
);
export type Problem = Static<typeof Problem>;
