import { useInterval } from "@mantine/hooks";
import { useState } from "react";

/** This computer's clock in Unix seconds, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [nowS, setNowS] = useState(() => Date.now() / 1000);
  useInterval(() => setNowS(Date.now() / 1000), everyMs, { autoInvoke: true });
  return nowS;
}
