import { Button, Group, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { Span } from "../machine/time-range.ts";
import { OpenIcon, ReportIcon } from "../ui/icons.tsx";
import { ProblemAlert } from "../ui/problem-alert.tsx";
import classes from "./make-report.module.css";
import { describeWork, isWorking, useMakeReport, useReports } from "./reports.ts";

interface MakeReportProps {
  machineId: string;
  span: Span;
  /** Other things to do with the shown time. */
  children: ReactNode;
}

/** Makes the report of the shown time and leads to it once it is there. Lies in a row that wraps: a problem gets a line of its own. */
export function MakeReport({ machineId, span, children }: MakeReportProps) {
  const { data: reports } = useReports(machineId);
  const makeReport = useMakeReport(machineId);
  const [madeId, setMadeId] = useState<string | null>(null);
  const made = reports?.find(({ report_id }) => report_id === madeId);
  const isBusy = makeReport.isPending || (made !== undefined && isWorking(made));
  const start = () =>
    makeReport.mutate(span, { onSuccess: ({ report_id }) => setMadeId(report_id) });
  return (
    <>
      <Group gap="xs">
        <Text
          size="sm"
          role="status"
          className={classes.status}
          c={made?.status === "failed" ? "red" : "dimmed"}
        >
          {made !== undefined && describeWork(made)}
          {made?.status === "failed" &&
            `No report: ${made.error ?? "it failed without saying why"}`}
          {made !== undefined && made.pdf_error !== null && `No PDF: ${made.pdf_error}`}
        </Text>
        {children}
        {made?.status === "done" && made.html !== null && (
          <Button
            component="a"
            href={made.html}
            target="_blank"
            rel="noopener"
            variant="light"
            rightSection={<OpenIcon />}
            data-testid="open-new-report"
          >
            Open report
          </Button>
        )}
        {made?.status === "done" && made.pdf !== null && (
          <Button
            component="a"
            href={made.pdf}
            target="_blank"
            rel="noopener"
            variant="light"
            rightSection={<OpenIcon />}
          >
            Open PDF
          </Button>
        )}
        <Button
          leftSection={<ReportIcon />}
          onClick={start}
          disabled={isBusy}
          data-testid="make-report"
        >
          {isBusy ? "Making report…" : "Make report"}
        </Button>
      </Group>
      {makeReport.error !== null && (
        <div className={classes.fault}>
          <ProblemAlert title="Cannot make the report" error={makeReport.error} onRetry={start} />
        </div>
      )}
    </>
  );
}
