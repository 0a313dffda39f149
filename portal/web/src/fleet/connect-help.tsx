import { Anchor, EmptyState, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { mayAdminister, useMe } from "../session/session.ts";
import { CommandLine } from "../ui/command-line.tsx";
import { MachineIcon } from "../ui/icons.tsx";
import classes from "./connect-help.module.css";

/** What the first visit sees: how a machine comes into this list. */
export function ConnectHelp() {
  const portal = window.location.origin;
  const me = useMe().data;
  const tenantName = me?.tenant_name ?? "";
  return (
    <div className={classes.card}>
      <EmptyState
        icon={<MachineIcon />}
        variant="light"
        title="No machines yet"
        description="A machine appears here by itself as soon as its first samples arrive."
      />
      <Stack gap="lg" mt="xl">
        {mayAdminister(me) && (
          <Text size="sm">
            The shortest way:{" "}
            <Anchor component={Link} to="/enrolment">
              make an enrolment token
            </Anchor>
            , with which the machine fetches a key of its own. Or by hand:
          </Text>
        )}
        <CommandLine
          title="1. On the portal’s server, make a key for the collector (add --state-dir where the portal was started with one)"
          text={`npx perf-portal key create web-01 --tenant "${tenantName}" --scope ingest --output web-01.key`}
        />
        <CommandLine
          title="2. On the machine to measure, start the collector with that file"
          text={`PCC_API_KEY_FILE=web-01.key npx pcc --mode trickle --portal ${portal} 1`}
        />
        <CommandLine
          title="Or upload measurements that you have as CSV"
          text={`sed 's/^/Authorization: Bearer /' web-01.key | curl -H @- -F machine_id=web-01 -F file=@samples.csv ${portal}/api/v1/performance/upload`}
        />
      </Stack>
    </div>
  );
}
