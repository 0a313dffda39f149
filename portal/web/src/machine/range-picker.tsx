import { Button, Group, Popover, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState, type SubmitEvent } from "react";
import { UndoIcon } from "../ui/icons.tsx";
import { useTimes } from "../ui/time-text.tsx";
import { renderDuration } from "../ui/times.ts";
import {
  parseRange,
  presetKey,
  presets,
  shortestSpanS,
  type Span,
  type TimeRange,
} from "./time-range.ts";
import classes from "./range-picker.module.css";

interface RangePickerProps {
  range: TimeRange;
  /** What `range` is in numbers. */
  span: Span;
  onChange: (range: TimeRange) => void;
  /** Not given where there is nothing to undo. */
  onUndoZoom: (() => void) | undefined;
}

const custom = "custom";

export function RangePicker({ range, span, onChange, onUndoZoom }: RangePickerProps) {
  const key = presetKey(range);
  return (
    <Group gap="xs" className={classes.picker}>
      <SegmentedControl
        className={classes.presets}
        size="sm"
        aria-label="Time range"
        value={key ?? custom}
        onChange={(value) => {
          const chosen = parseRange({ range: value });
          if (chosen !== null) onChange(chosen);
        }}
        data={presets.map((preset) => ({ value: preset.key, label: preset.label }))}
      />
      <CustomRange isActive={key === null} span={span} onChange={onChange} />
      {onUndoZoom !== undefined && (
        <Button size="sm" variant="light" leftSection={<UndoIcon />} onClick={onUndoZoom}>
          Undo zoom
        </Button>
      )}
    </Group>
  );
}

interface CustomRangeProps {
  isActive: boolean;
  span: Span;
  onChange: (range: TimeRange) => void;
}

function CustomRange({ isActive, span, onChange }: CustomRangeProps) {
  const times = useTimes();
  const [isOpen, setIsOpen] = useState(false);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const open = () => {
    setFrom(toInput(span.fromS));
    setTo(toInput(span.toS));
    setFault(null);
    setIsOpen(true);
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const [fromS, toS] = [fromInput(from), fromInput(to)];
    if (Number.isNaN(fromS) || Number.isNaN(toS)) setFault("Give both times.");
    else if (toS - fromS < shortestSpanS) {
      setFault(`The end must be at least ${renderDuration(shortestSpanS)} after the start.`);
    } else {
      setIsOpen(false);
      onChange({ kind: "between", fromS, toS });
    }
  };
  return (
    <Popover opened={isOpen} onChange={setIsOpen} trapFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <Button
          size="sm"
          variant={isActive ? "light" : "default"}
          onClick={isOpen ? () => setIsOpen(false) : open}
        >
          {isActive ? `Custom: ${renderDuration(span.toS - span.fromS)}` : "Custom"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form onSubmit={submit} aria-label="Custom time range">
          <Stack gap="sm">
            <TextInput
              type="datetime-local"
              step={1}
              label="From"
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <TextInput
              type="datetime-local"
              step={1}
              label="To"
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
            <Text size="xs" c="dimmed">
              In {times.zoneLabel(span.toS)}
            </Text>
            {fault !== null && (
              <Text size="sm" c="red" role="alert">
                {fault}
              </Text>
            )}
            <Button type="submit">Show</Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** What an input of type datetime-local takes: the reader's wall clock, without a zone. */
function toInput(timeS: number): string {
  const offsetS = new Date(timeS * 1000).getTimezoneOffset() * 60;
  return new Date((timeS - offsetS) * 1000).toISOString().slice(0, 19);
}

/** NaN where nothing was chosen. */
function fromInput(text: string): number {
  return Math.floor(new Date(text).getTime() / 1000);
}
