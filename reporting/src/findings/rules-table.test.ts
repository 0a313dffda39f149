import { expect, test } from "vitest";
import type { Rule } from "./finding.ts";
import { rules } from "./rules.ts";

// Written anew with: npx vitest run reporting/src/findings/rules-table.test.ts -u

test("docs/rules.md shows the rules", async () => {
  await expect(renderRulesTable()).toMatchFileSnapshot("../../../docs/rules.md");
});

const intro = `# Rules

What the report looks for, in the order in which it lists what is in order. Made from \`reporting/src/findings/\`, a file a rule.

Rules judge means of a minute (of the sampling interval where that is longer), with one threshold to enter a state and a milder one to leave it. A gap
ends a state. A state is at least three such means long, however long the interval. How long it lasted, and how grave it was, is told by the time beyond the threshold that enters it; what lies between the two does not count. Each says so where it has too little data; what it cannot judge it does not call good.
A state that is shorter than its rule asks for is a burst, and none; but where it lasts to the end of the capture and is half as long, or such states make up half of
the capture, they are told as a notice, and nobody can say that nothing is wrong.

**critical**: users feel it now. **warning**: it will be felt, or was for a short time. **notice**: nothing is wrong, but there is something to gain or to know.
Worst first: problems by severity, then by confidence, then by how long they lasted; one of low confidence stands behind every firmer one, notices come last.

A rule that explains others names the cause: where at least half of their time is its own, their findings are told as its consequences; where the table
says *of the same*, only if they speak of the same disks, interfaces, mounts or containers. What a finding contradicts is not stated.
`;

function renderRulesTable(): string {
  return `${intro}
| Rule | Fires when | Thresholds from | Explains | Contradicts |
|---|---|---|---|---|
${rules.map(renderRow).join("\n")}
`;
}

function renderRow({
  id,
  definition,
  source,
  explains = [],
  perDevice = [],
  contradicts = [],
}: Rule): string {
  const code = (one: string): string =>
    `\`${one}\`${perDevice.includes(one) ? " (of the same)" : ""}`;
  const codes = (ids: readonly string[]): string =>
    ids.length === 0 ? "–" : ids.map(code).join(", ");
  const cells = [codes([id]), definition, source, codes(explains), codes(contradicts)];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
