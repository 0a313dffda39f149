import { Button, Group, Popover, Stack, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { ProblemAlert } from "./problem-alert.tsx";

interface AskFirstProps {
  /** The button that asks. */
  renderTarget: (toggle: () => void) => ReactNode;
  question: string;
  /** On the button that does it, and within "Cannot … the token". */
  verb: string;
  /** What it is done to, within a sentence. */
  what: string;
  work: { error: Error | null; isPending: boolean };
  onConfirm: () => void;
}

/** A button for what cannot be undone: it asks before. */
export function AskFirst({ renderTarget, question, verb, what, work, onConfirm }: AskFirstProps) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <Popover opened={isAsking} onChange={setIsAsking} trapFocus position="bottom-end" shadow="md">
      <Popover.Target>{renderTarget(() => setIsAsking(!isAsking))}</Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm" maw={280}>
          <Text size="sm">{question}</Text>
          {work.error !== null && (
            <ProblemAlert title={`Cannot ${verb.toLowerCase()} the ${what}`} error={work.error} />
          )}
          <Group gap="xs" justify="flex-end">
            <Button size="xs" variant="default" onClick={() => setIsAsking(false)}>
              Keep
            </Button>
            <Button size="xs" color="red.9" loading={work.isPending} onClick={onConfirm}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
