// What a machine tells of itself beside a batch: held against the schema here, since what is wrong with it must cost no rows.
import { HostFacts } from "@perfanalysis/contract/api";
import { parseHostFacts } from "@perfanalysis/contract/host-facts";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import { toFaults } from "../http/schemas.ts";

const validator = Compile(HostFacts);

/**
 * The header's facts. Those that this version does not know are left out: who sends may be newer.
 * @throws SyntaxError that ends the sentence "The facts were not taken: …".
 */
export function readHostFacts(text: string): HostFacts {
  const facts = Value.Clean(HostFacts, parseHostFacts(text));
  if (validator.Check(facts)) return facts;
  const faults = toFaults(validator.Errors(facts));
  throw new SyntaxError(faults.map(({ column, message }) => `${column} ${message}`).join("; "));
}
