// What a machine tells of itself beside its rows: held against the schema here, since what is wrong with it must cost no rows.
import { HostFacts } from "@perfanalysis/contract/api";
import { parseHostFacts, renderFactsWarning } from "@perfanalysis/contract/host-facts";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import { toFaults } from "../http/schemas.ts";

const validator = Compile(HostFacts);

/** Facts from their JSON; null where none came, or the warning says why they are not taken. */
export function readHostFacts(
  text: string | undefined,
  machineId: string,
): { facts: HostFacts | null; warnings: string[] } {
  if (text === undefined) return { facts: null, warnings: [] };
  try {
    return { facts: checkFacts(parseHostFacts(text)), warnings: [] };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { facts: null, warnings: [renderFactsWarning(machineId, error.message)] };
  }
}

/** Those that this version does not know are left out: who sends may be newer. */
function checkFacts(json: object): HostFacts {
  const facts = Value.Clean(HostFacts, json);
  if (validator.Check(facts)) return facts;
  const faults = toFaults(validator.Errors(facts));
  throw new SyntaxError(faults.map(({ column, message }) => `${column} ${message}`).join("; "));
}
