import { Button, CopyButton, EmptyState, Stack, Text } from "@mantine/core";
import { useMe } from "../session/session.ts";
import { MachineIcon } from "../ui/icons.tsx";
import classes from "./connect-help.module.css";

/** What the first visit sees: how a machine comes into this list. */
export function ConnectHelp() {
  const portal = window.location.origin;
  const tenantName = useMe().data?.tenant_name ?? "";
  return (
    <div className={classes.card}>
      <EmptyState
        icon={<MachineIcon />}
        variant="light"
        title="No machines yet"
        description="A machine appears here by itself as soon as its first samples arrive."
      />
      <Stack gap="lg" mt="xl">
        <Command
          title="1. On the portal’s server, make a key for the collector (add --state-dir where the portal was started with one)"
          text={`npx perf-portal key create web-01 --tenant "${tenantName}" --scope ingest --output web-01.key`}
        />
        <Command
          title="2. On the machine to measure, start the collector with that file"
          text={`PCC_API_KEY_FILE=web-01.key npx pcc --mode trickle --portal ${portal} 1`}
        />
        <Command
          title="Or upload measurements that you have as CSV"
          text={`sed 's/^/Authorization: Bearer /' web-01.key | curl -H @- -F machine_id=web-01 -F file=@samples.csv ${portal}/api/v1/performance/upload`}
        />
      </Stack>
    </div>
  );
}

function Command({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <Text size="sm" fw={550} mb={6}>
        {title}
      </Text>
      <div className={classes.command}>
        <code>{text}</code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </div>
    </div>
  );
}
