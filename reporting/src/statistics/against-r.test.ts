// Every statistic against R's own, on vectors that are random and awkward. One R process, base R alone; R writes all digits.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { autocorrelation } from "./autocorrelation.ts";
import { dailyProfile } from "./daily-profile.ts";
import { empiricalDistribution } from "./empirical-distribution.ts";
import { histogram, type Histogram } from "./histogram.ts";
import { medianAbsoluteDeviation } from "./median-absolute-deviation.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { pearson } from "./pearson.ts";
import { percentiles } from "./percentiles.ts";
import { spearman } from "./spearman.ts";
import { stepBesideTrend } from "./step-beside-trend.ts";
import { summarize } from "./summary.ts";
import { measureTiming } from "../data/timing.ts";
import { theilSen } from "./theil-sen.ts";
import { timeWeightedMean } from "./time-weighted-mean.ts";

const hasR = spawnSync("Rscript", ["--version"]).status === 0;
const relativeTolerance = 1e-9;
const intervalS = 10;
const probabilities = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 1];

const random = createRandom(20_260_302);
const normals = series(500, () => random.normal());
/** Those that vary on both sides of their middle, and not without a remainder. */
const stepped = ["normals", "ties", "gaps", "longTail", "trend"];
const vectors: Record<string, Float64Array> = {
  normals,
  /** Half of the coefficients depend on how equal values are treated. */
  ties: series(400, () => Math.floor(5 * random.uniform())),
  mostlyZero: series(300, (row) => (row % 20 === 7 ? 1000 * random.uniform() : 0)),
  gaps: series(400, (row) => (row % 7 === 3 || (row > 80 && row < 120) ? NaN : random.normal())),
  mostlyGaps: series(200, (row) => (row % 40 === 0 ? random.uniform() : NaN)),
  constant: series(100, () => 0.1),
  pair: Float64Array.of(3, 1),
  three: Float64Array.of(2, NaN, 5, 5),
  tiny: series(300, () => 1e-100 * random.normal()),
  huge: series(300, () => 1e100 * random.normal()),
  /** Bytes of memory: large, and little between them. */
  memory: series(500, (row) => 16 * 2 ** 30 + 4096 * Math.round(50 * random.normal() + row / 10)),
  longTail: series(500, () => Math.exp(3 * random.normal())),
  trend: series(300, (row) => 0.01 * row + Math.sin(row / 9) + random.normal()),
  steps: series(300, (row) => Math.floor(row / 60)),
};
/** Times with jitter and gaps, a row of each for as many values as the longest vector has. */
const timestampsS = series(500, (row) => Date.UTC(2026, 2, 1, 20) / 1000 + row * intervalS);
let lateS = 0;
for (const row of timestampsS.keys()) {
  lateS += row % 90 === 50 ? 7200 : 0;
  timestampsS[row] = (timestampsS[row] ?? NaN) + lateS + Math.floor(4 * random.uniform());
}
const { gaps } = measureTiming(timestampsS);
const names = Object.keys(vectors);

/** Reads doubles as they are in memory and prints `name`, a tab, and numbers with all digits. */
const script = String.raw`
folder <- commandArgs(trailingOnly = TRUE)[1]
vector <- function(name) {
  path <- file.path(folder, name)
  x <- readBin(path, "double", file.size(path) / 8, endian = "little")
  x[is.nan(x)] <- NA
  x
}
say <- function(name, x) cat(name, "\t", paste(sprintf("%.17g", x), collapse = " "), "\n", sep = "")
quiet <- suppressWarnings
times <- vector("times")
interval <- ${intervalS}
probabilities <- c(${probabilities.join(", ")})
names <- c(${names.map((name) => `"${name}"`).join(", ")})

theilSen <- function(x, y, confidence) {
  ok <- !is.na(x) & !is.na(y)
  x <- x[ok]; y <- y[ok]; n <- length(x)
  if (n < 2) return(rep(NA, 4))
  pairs <- combn(n, 2)
  run <- x[pairs[2, ]] - x[pairs[1, ]]
  slopes <- sort(((y[pairs[2, ]] - y[pairs[1, ]]) / run)[run != 0])
  ties <- function(v) { t <- table(v); as.numeric(t[t > 1]) }
  t <- ties(x); u <- ties(y)
  v <- (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5)) - sum(u * (u - 1) * (2 * u + 5))) / 18 +
    sum(t * (t - 1)) * sum(u * (u - 1)) / (2 * n * (n - 1))
  if (n > 2) v <- v + sum(t * (t - 1) * (t - 2)) * sum(u * (u - 1) * (u - 2)) / (9 * n * (n - 1) * (n - 2))
  N <- length(slopes)
  reach <- qnorm((1 + confidence) / 2) * sqrt(v)
  at <- function(rank) {
    if (rank < 1 || rank > N) return(NA)
    slopes[floor(rank)] + (slopes[ceiling(rank)] - slopes[floor(rank)]) * (rank - floor(rank))
  }
  low <- at((N - reach) / 2); high <- at((N + reach) / 2 + 1)
  if (is.na(low) || is.na(high)) { low <- -Inf; high <- Inf }
  slope <- median(slopes)
  c(slope, low, high, median(y - slope * x))
}

for (name in names) {
  x <- vector(name)
  measured <- x[!is.na(x)]
  t <- times[seq_along(x)]
  say(paste0(name, ".quantile"), quantile(x, probabilities, type = 7, na.rm = TRUE))
  say(paste0(name, ".mean"), mean(x, na.rm = TRUE))
  say(paste0(name, ".sd"), sd(x, na.rm = TRUE))
  say(paste0(name, ".mad"), mad(x, constant = 1, na.rm = TRUE))
  distance <- diff(t)
  weights <- c(interval, ifelse(distance > 1.5 * interval, interval, distance))
  say(paste0(name, ".weighted"), weighted.mean(measured, weights[!is.na(x)]))
  lags <- min(20, length(x) - 1)
  say(paste0(name, ".acf"), acf(x, lag.max = lags, plot = FALSE, na.action = na.pass)$acf)
  for (confidence in c(0.5, 0.95)) {
    say(paste0(name, ".theilSen", confidence), theilSen(t / 3600, x, confidence))
  }
  edges <- vector(paste0(name, ".edges"))
  notBelow <- ecdf(-measured)
  say(paste0(name, ".ecdf"), c(1 - notBelow(-head(edges, -1)), ecdf(measured)(tail(edges, 1))))
  say(paste0(name, ".histogram"), hist(measured, breaks = edges, right = FALSE, include.lowest = TRUE, plot = FALSE, fuzz = 0)$counts)
  hour <- factor(floor(t / 3600) %% 24, levels = 0:23)[!is.na(x)]
  say(paste0(name, ".hourMeans"), tapply(measured, hour, mean))
  weights <- (1 + (seq_along(x) - 1) %% 3)[!is.na(x)]
  say(paste0(name, ".hourWeighted"), tapply(weights * measured, hour, sum) / tapply(weights, hour, sum))
  for (other in names) {
    y <- vector(other)
    n <- min(length(x), length(y))
    key <- paste(name, other, sep = "~")
    for (method in c("pearson", "spearman")) {
      r <- quiet(try(cor(x[1:n], y[1:n], use = "pairwise.complete.obs", method = method), silent = TRUE))
      say(paste0(key, ".", method), if (is.numeric(r)) r else NA)
    }
  }
}
for (name in c(${stepped.map((name) => `"${name}"`).join(", ")})) {
  y <- vector(name)
  hours <- times[seq_along(y)] / 3600
  isBehind <- hours >= hours[floor(length(y) / 2) + 1]
  say(paste0(name, ".step"), summary(lm(y ~ hours + isBehind))$coefficients[3, 1:2])
}
say("qnorm", qnorm(probabilities))
say("qnorm.tails", qnorm(10^-(1:30)))
`;

const answers = new Map<string, number[]>();
let folder = "";

beforeAll(() => {
  if (!hasR) return;
  folder = mkdtempSync(join(tmpdir(), "perfanalysis-r-"));
  const write = (name: string, values: Float64Array): void =>
    writeFileSync(
      join(folder, name),
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  write("times", timestampsS);
  for (const [name, values] of Object.entries(vectors)) {
    write(name, values);
    write(`${name}.edges`, counted(values).edges);
  }
  writeFileSync(join(folder, "script.R"), script);
  const { stdout, stderr, status } = spawnSync(
    "Rscript",
    ["--vanilla", join(folder, "script.R"), folder],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  );
  if (status !== 0) throw new Error(`Cannot run R: ${stderr}`);
  for (const line of stdout.split("\n").filter((one) => one !== "")) {
    const [name = "", numbers = ""] = line.split("\t");
    answers.set(name, numbers.split(" ").map(parseNumber));
  }
});

afterAll(() => {
  if (folder !== "") rmSync(folder, { recursive: true });
});

/** R wants all values within the edges. Whole numbers lie upon some of them. */
function counted(values: Float64Array): Histogram {
  const { min, max } = summarize(values);
  const low = Math.floor(min);
  return histogram(values, { low, high: Math.max(low + 1, Math.ceil(max)), bins: 24 });
}

const title = hasR ? "" : " (skipped: there is no Rscript here)";

test.skipIf(!hasR).for(names)(`the statistics of %s are R's${title}`, (name) => {
  const x = vectors[name] ?? new Float64Array();
  const times = timestampsS.subarray(0, x.length);
  const hours = times.map((time) => time / 3600);
  const summary = summarize(x, { timestampsS: times, intervalS, gaps });
  const bins = counted(x);
  const weights = series(x.length, (row) => 1 + (row % 3));
  const trends = [0.5, 0.95].map((confidence) => theilSen(hours, x, { confidence }));
  const [half, most] = trends.map(({ slope, low, high, intercept }) => [
    slope,
    low,
    high,
    intercept,
  ]);
  expect([
    ...differences(`${name}.quantile`, percentiles(x, probabilities)),
    ...differences(`${name}.mean`, [summary.sampleMean], scaleOf(x)),
    ...differences(`${name}.sd`, [summary.standardDeviation]),
    ...differences(`${name}.mad`, [summary.mad]),
    ...differences(`${name}.mad`, [medianAbsoluteDeviation(x)]),
    ...differences(`${name}.weighted`, [summary.mean], scaleOf(x)),
    ...differences(
      `${name}.weighted`,
      [timeWeightedMean(times, x, { intervalS, gaps })],
      scaleOf(x),
    ),
    ...differences(`${name}.acf`, autocorrelation(x, Math.min(20, x.length - 1)), 1),
    ...differences(`${name}.theilSen0.5`, half ?? []),
    ...differences(`${name}.theilSen0.95`, most ?? []),
    ...differences(`${name}.ecdf`, empiricalDistribution(bins).shares, 1),
    ...differences(`${name}.histogram`, bins.counts),
    ...differences(`${name}.hourMeans`, dailyProfile(times, x), scaleOf(x)),
    ...differences(`${name}.hourWeighted`, dailyProfile(times, x, { weights }), scaleOf(x)),
  ]).toEqual([]);
});

test.skipIf(!hasR).for(names)(`the correlations of %s with the others are R's${title}`, (name) => {
  const off = names.flatMap((other) => {
    const [x = new Float64Array(), y = new Float64Array()] = [vectors[name], vectors[other]];
    const length = Math.min(x.length, y.length);
    const [a, b] = [x.subarray(0, length), y.subarray(0, length)];
    return [
      ...differences(`${name}~${other}.pearson`, [pearson(a, b)], 1),
      ...differences(`${name}~${other}.spearman`, [spearman(a, b)], 1),
    ];
  });
  expect(off).toEqual([]);
});

test.skipIf(!hasR).for(stepped)(
  `the step in %s beside its slope is that of R's lm()${title}`,
  (name) => {
    const y = vectors[name] ?? new Float64Array();
    const hours = timestampsS.subarray(0, y.length).map((time) => time / 3600);
    const { size, error } = stepBesideTrend(hours, y, hours[Math.floor(y.length / 2)] ?? NaN);
    expect(differences(`${name}.step`, [size, error], scaleOf(y))).toEqual([]);
  },
);

test.skipIf(!hasR)(`normalQuantile() is R's qnorm()${title}`, () => {
  const tails = Array.from({ length: 30 }, (_, index) => Number(`1e-${index + 1}`));
  expect([
    ...differences("qnorm", probabilities.map(normalQuantile)),
    ...differences("qnorm.tails", tails.map(normalQuantile)),
  ]).toEqual([]);
});

/**
 * Where a result is not R's. `scale` is the size of what a sum was made of, where the result may be far smaller: near 0
 * there is no relative error.
 */
function differences(name: string, results: Iterable<number>, scale = 0): string[] {
  const actual = [...results];
  const expected = answers.get(name) ?? [];
  if (actual.length !== expected.length) {
    return [`${name}: ${actual.length} results, R has ${expected.length}`];
  }
  return expected.flatMap((wanted, index) => {
    const got = actual[index] ?? NaN;
    if (Object.is(got, wanted) || got === wanted) return [];
    const near = Math.abs(got - wanted) <= relativeTolerance * Math.max(Math.abs(wanted), scale);
    return near ? [] : [`${name}[${index}]: ${got}, R has ${wanted}`];
  });
}

/** Mean size of the values. */
function scaleOf(values: Float64Array): number {
  return summarize(values.map(Math.abs)).sampleMean;
}

function parseNumber(text: string): number {
  if (text === "Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return text === "NA" || text === "NaN" ? NaN : Number(text);
}

function series(length: number, valueAt: (row: number) => number): Float64Array {
  return Float64Array.from({ length }, (_, row) => valueAt(row));
}

/** A linear congruential generator: the vectors are the same in every run. */
function createRandom(seed: number): { uniform(): number; normal(): number } {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
