import { Button, Group } from "@mantine/core";
import { useNow } from "../ui/now.ts";
import { useLiveConnection, useLiveState } from "./live-context.tsx";
import classes from "./live-indicator.module.css";

/** Whether what is shown keeps itself up to date, and if not, when that is tried again. */
export function LiveIndicator() {
  const connection = useLiveConnection();
  const state = useLiveState();
  if (state.status === "idle") return null;
  return (
    <Group gap="xs" wrap="nowrap">
      {state.status === "waiting" && (
        <Button size="compact-xs" variant="subtle" onClick={() => connection.retryNow()}>
          Retry now
        </Button>
      )}
      <span
        className={classes.indicator}
        data-status={state.status}
        data-testid="live-status"
        role="status"
      >
        <span className={classes.dot} aria-hidden="true" />
        {state.status === "live" && "Live"}
        {state.status === "connecting" && "Connecting"}
        {state.status === "waiting" && (
          <span>
            Offline
            <RetryCountdown retryAtMs={state.retryAtMs} />
          </span>
        )}
      </span>
    </Group>
  );
}

/** Not read out: a screen reader would count along. */
function RetryCountdown({ retryAtMs }: { retryAtMs: number }) {
  const nowS = useNow(500);
  const seconds = Math.max(0, Math.ceil(retryAtMs / 1000 - nowS));
  return <span aria-hidden="true">, again in {seconds} s</span>;
}
