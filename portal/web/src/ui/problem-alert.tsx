import { Alert, Button, Code, Group, List, Text } from "@mantine/core";
import { ApiProblem } from "../api/api-problem.ts";
import { AlertIcon } from "./icons.tsx";

interface ProblemAlertProps {
  /** What failed; anything but an ApiProblem is a fault of this page. */
  error: Error;
  /** What could not be done, for example "Cannot show the machines". */
  title: string;
  onRetry?: () => void;
}

const mostFaults = 5;

/** Says what failed, why, and under which request id the portal's log has it. */
export function ProblemAlert({ error, title, onRetry }: ProblemAlertProps) {
  const problem = error instanceof ApiProblem ? error : null;
  return (
    <Alert color="red" variant="light" role="alert" title={title} icon={<AlertIcon />}>
      <Text size="sm">{problem === null ? error.message : sentence(problem)}</Text>
      {problem !== null && problem.errors.length > 0 && (
        <List size="sm" mt="xs">
          {problem.errors.slice(0, mostFaults).map((fault, index) => (
            // Faults have no identity and never change places.
            // oxlint-disable-next-line react/no-array-index-key
            <List.Item key={index}>{fault.message}</List.Item>
          ))}
        </List>
      )}
      <Group mt="sm" gap="sm">
        {onRetry !== undefined && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
        {problem?.requestId !== null && problem !== null && (
          <Text size="xs" c="dimmed">
            Request <Code>{problem.requestId}</Code>
          </Text>
        )}
      </Group>
    </Alert>
  );
}

function sentence({ title, detail }: ApiProblem): string {
  return detail === "" ? title : `${title}. ${detail}`;
}
