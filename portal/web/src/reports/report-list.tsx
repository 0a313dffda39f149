import { ActionIcon, Anchor, Badge, Loader, Progress, Text } from "@mantine/core";
import type { Report } from "@perfanalysis/contract/api";
import { AskFirst } from "../ui/ask-first.tsx";
import { DeleteIcon } from "../ui/icons.tsx";
import { Panel, PanelList, PanelRow } from "../ui/panel.tsx";
import { TimeText, useTimes } from "../ui/time-text.tsx";
import { parseTime, renderDuration } from "../ui/times.ts";
import { describeWork, isWorking, useDeleteReport, useReports } from "./reports.ts";

/** Every report of a machine, whoever of the organisation made it. */
export function ReportList({ machineId }: { machineId: string }) {
  const { data: reports, error, refetch } = useReports(machineId);
  return (
    <Panel id="reports" title="Reports">
      <PanelList
        what="reports"
        items={reports}
        error={error}
        onRetry={() => void refetch()}
        empty="None yet. “Make report” writes one of the time that is shown: findings, charts and exact percentiles, as a page that works offline and as PDF."
      >
        {(report) => <ReportRow key={report.report_id} report={report} />}
      </PanelList>
    </Panel>
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
    <PanelRow
      what={
        <>
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
          {report.pdf_error !== null && (
            <Text size="sm" data-testid="report-pdf-error">
              No PDF: {report.pdf_error}
            </Text>
          )}
        </>
      }
    >
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
    </PanelRow>
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
  const deleteReport = useDeleteReport(report.machine_id);
  return (
    <AskFirst
      question="Delete this report for everyone? The samples stay."
      verb="Delete"
      what="report"
      work={deleteReport}
      onConfirm={() => deleteReport.mutate(report.report_id)}
      renderTarget={(toggle) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Delete the report ${title}`}
          onClick={toggle}
        >
          <DeleteIcon />
        </ActionIcon>
      )}
    />
  );
}
