/** What a capture's header says of a run, of a machine for tests. */
export const testRun = {
  pccVersion: "0.1.0",
  host: "web-01",
  machineId: "web-01",
  bootId: "a",
  intervalMs: 1000,
};
