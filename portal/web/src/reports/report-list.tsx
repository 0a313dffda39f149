import {
  ActionIcon,
  Anchor,
  Badge,
  Button,
  Group,
  Loader,
  Popover,
  Progress,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import type { Report } from "@perfanalysis/contract/api";
import { useState } from "react";
import { DeleteIcon } from "../ui/icons.tsx";
import { ProblemAlert } from "../ui/problem-alert.tsx";
import { TimeText, useTimes } from "../ui/time-text.tsx";
import { parseTime, renderDuration } from "../ui/times.ts";
import classes from "./report-list.module.css";
import { describeWork, isWorking, useDeleteReport, useReports } from "./reports.ts";

/** Every report of a machine, whoever of the organisation made it. */
export function ReportList({ machineId }: { machineId: string }) {
  const { data: reports, error, refetch } = useReports(machineId);
  return (
    <section className={classes.panel} aria-labelledby="reports">
      <Title order={2} id="reports" mb="sm">
        Reports
      </Title>
      {error !== null && (
        <ProblemAlert
          title="Cannot show the reports"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {reports === undefined && error === null && (
        <Skeleton height={48} role="status" aria-label="Loading reports" />
      )}
      {reports?.length === 0 && (
        <Text size="sm" c="dimmed">
          None yet. “Make report” writes one of the time that is shown: findings, charts and exact
          percentiles, as a page that works offline and as PDF.
        </Text>
      )}
      {reports !== undefined && reports.length > 0 && (
        <ul className={classes.list}>
          {reports.map((report) => (
            <ReportRow key={report.report_id} report={report} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ReportRow({ report }: { report: Report }) {
  const times = useTimes();
  const range = report.timestamp_range;
  const title =
    range === null
      ? "Report of all samples"
      : `${times.full(parseTime(range.start))}, ${renderDuration(parseTime(range.end) - parseTime(range.start))}`;
  return (
    <li className={classes.row}>
      <div className={classes.what}>
        {report.status === "done" && report.html !== null ? (
          <Anchor
            href={report.html}
            target="_blank"
            rel="noopener"
            fw={550}
            data-testid="report-link"
          >
            {title}
          </Anchor>
        ) : (
          <Text fw={550} span>
            {title}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          Asked for <TimeText timeS={Math.floor(parseTime(report.created_at))} />
        </Text>
        {isWorking(report) && <Work report={report} />}
        {report.status === "failed" && (
          <Text size="sm" c="red">
            {report.error ?? "It failed without saying why."}
          </Text>
        )}
      </div>
      {report.status === "done" && report.pdf !== null && (
        <Anchor
          href={report.pdf}
          target="_blank"
          rel="noopener"
          size="sm"
          aria-label={`PDF of ${title}`}
          data-testid="report-pdf-link"
        >
          PDF
        </Anchor>
      )}
      <Status status={report.status} />
      <DeleteReport report={report} title={title} />
    </li>
  );
}

function Work({ report }: { report: Report }) {
  const doing = describeWork(report) ?? "";
  return (
    <>
      <Text size="xs" mt={4}>
        {doing}
      </Text>
      <Progress
        value={report.progress?.percent ?? 0}
        size="xs"
        mt={4}
        maw={320}
        aria-label={doing}
        data-testid="report-progress"
      />
    </>
  );
}

function Status({ status }: Pick<Report, "status">) {
  if (status === "done")
    return (
      <Badge variant="light" color="teal" c="var(--pa-good)">
        Ready
      </Badge>
    );
  if (status === "failed")
    return (
      <Badge variant="light" color="red" c="var(--pa-serious)">
        Failed
      </Badge>
    );
  return (
    <Badge variant="light" color="gray" leftSection={<Loader size={10} color="gray" />}>
      {status === "queued" ? "Waiting" : "Being made"}
    </Badge>
  );
}

function DeleteReport({ report, title }: { report: Report; title: string }) {
  const [isAsking, setIsAsking] = useState(false);
  const deleteReport = useDeleteReport(report.machine_id);
  return (
    <Popover opened={isAsking} onChange={setIsAsking} trapFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Delete the report ${title}`}
          onClick={() => setIsAsking(!isAsking)}
        >
          <DeleteIcon />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm" maw={280}>
          <Text size="sm">Delete this report for everyone? The samples stay.</Text>
          {deleteReport.error !== null && (
            <ProblemAlert title="Cannot delete the report" error={deleteReport.error} />
          )}
          <Group gap="xs" justify="flex-end">
            <Button size="xs" variant="default" onClick={() => setIsAsking(false)}>
              Keep
            </Button>
            <Button
              size="xs"
              color="red.9"
              loading={deleteReport.isPending}
              onClick={() => deleteReport.mutate(report.report_id)}
            >
              Delete
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
