import { dashArrays, marksAttributes, renderOpacity, type LegendEntry } from "../charts/frame.ts";
import { paint } from "../charts/palette.ts";
import type { Branding, Logo } from "../branding.ts";
import type {
  Block,
  Cover,
  Fact,
  Figure,
  FindingBlock,
  Inline,
  ReportDocument,
  Section,
  Table,
  Text,
  Tile,
  VerdictLine,
} from "../document/model.ts";
import { html, svg, trusted, type Markup } from "../markup.ts";
import { script } from "./script.ts";
import { brandStyle, style } from "./style.ts";
import { texts } from "../texts/english.ts";

/** Base64 of a text's SHA-256: an argument because this file runs in browsers too, where it is computed elsewhere. */
export type Digest = (text: string) => string;

/** The document as one HTML file that loads nothing and reads without its script. */
export function renderHtml(document: ReportDocument, digest: Digest): string {
  const { cover, sections, branding } = document;
  const looks = branding?.colors ? `${style}\n${brandStyle(branding.colors)}` : style;
  const pictures = branding?.logo ? " img-src data:;" : "";
  // Nothing but this very style sheet and script may act in the page, whatever the data says.
  const policy = `default-src 'none'; style-src 'sha256-${digest(looks)}'; script-src 'sha256-${digest(script)}';${pictures} base-uri 'none'; form-action 'none'`;
  const page = html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="${document.generator}" />
        <title>${cover.heading} – ${document.title}</title>
        ${trusted(`<style>${looks}</style>`)}
      </head>
      <body>
        <a class="skip" href="#${sections[0]?.id ?? "contents"}">${texts.page.skip}</a>
        <div class="page">
          ${renderCover(cover, branding)}
          <nav class="contents" aria-labelledby="contents">
            <h2 id="contents">${texts.page.contents}</h2>
            <ol>
              ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ol>
          </nav>
          <main>${sections.map(renderSection)}</main>
          <footer>${texts.page.footer(document.generator)}</footer>
        </div>
        ${trusted(`<script>${script}</script>`)}
      </body>
    </html> `;
  return page.toString();
}

function renderCover(
  { heading, subheading, status, statusText, grade, gradeText, facts }: Cover,
  branding: Branding | undefined,
): Markup {
  return html`<header class="cover">
    <div class="brand">
      <p>
        ${branding?.logo ? renderLogo(branding.logo, branding.name === null ? texts.page.brand : "") : null}${branding?.logo && branding.name === null ? null : (branding?.name ?? texts.page.brand)}
      </p>
      <p class="tools" hidden><button type="button">${texts.page.darkColors}</button></p>
    </div>
    <h1>${heading}</h1>
    <p class="subheading">${subheading}</p>
    <div class="signs">
      <div class="sign tone-${status.tone}">
        <div>
          <span>${texts.page.verdict}</span
          ><b>${status.text}</b>${statusText === "" ? null : html`<span>${statusText}</span>`}
        </div>
      </div>
      <div class="sign tone-${gradeTone(grade)}">
        <div class="letter">${grade}</div>
        <div><b>${texts.page.dataQuality}</b><span>${gradeText}</span></div>
      </div>
    </div>
    ${renderFacts(facts)}
  </header>`;
}

/** Beside a name, the picture says nothing that the name does not. */
function renderLogo({ mediaType, base64 }: Logo, name: string): Markup {
  return html`<img src="data:${mediaType};base64,${base64}" alt="${name}" />`;
}

function gradeTone(grade: Cover["grade"]): string {
  if (grade === "A" || grade === "B") return "good";
  return grade === "C" ? "warning" : "critical";
}

function renderSection({ id, title, blocks }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-heading">
    <h2 id="${id}-heading">${title}</h2>
    ${blocks.map((block) => html`${renderBlock(block)} `)}
  </section> `;
}

function renderBlock(block: Block): Markup {
  switch (block.kind) {
    case "heading":
      return html`<h3>${block.text}</h3>`;
    case "paragraph":
      return block.lead === true
        ? html`<p class="lead">${renderText(block.text)}</p>`
        : html`<p>${renderText(block.text)}</p>`;
    case "list":
      return html`<ul class="text">
        ${block.items.map((item) => html`<li>${renderText(item)}</li>`)}
      </ul>`;
    case "tiles":
      return html`<div class="tiles">${block.tiles.map(renderTile)}</div>`;
    case "figure":
      return renderFigure(block);
    case "row":
      return html`<div class="row">${block.figures.map(renderFigure)}</div>`;
    case "table":
      return renderTable(block);
    case "finding":
      return renderFinding(block);
    case "verdicts":
      return renderVerdicts(block.verdicts);
  }
}

function renderText(text: Text): Markup {
  if (typeof text === "string") return html`${text}`;
  return html`${text.map(renderInline)}`;
}

function renderInline(inline: Inline): Markup {
  if (typeof inline === "string") return html`${inline}`;
  switch (inline.kind) {
    case "strong":
      return html`<strong>${inline.text}</strong>`;
    case "code":
      return html`<code>${inline.text}</code>`;
    case "link":
      return html`<a href="#${inline.anchor}">${inline.text}</a>`;
  }
}

function renderFacts(facts: readonly Fact[]): Markup {
  return html`<dl class="facts">
    ${facts.map(
      ({ label, value }) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${renderText(value)}</dd>
        </div>`,
    )}
  </dl>`;
}

function renderTile({ label, value, note, anchor }: Tile): Markup {
  return html`<a href="#${anchor}"><span>${label}</span><b>${value}</b><span>${note}</span></a>`;
}

function renderFigure({ title, note, chart }: Figure): Markup {
  return html`<figure>
    <figcaption>
      <b>${title}</b>
      ${
        chart.legend.length === 0
          ? null
          : html`<ul class="legend">
              ${chart.legend.map(renderLegend)}
            </ul>`
      }
    </figcaption>
    <div class="picture" role="group" aria-label="${title}">${chart.svg}</div>
    <p class="note">${note}</p>
    <p class="readout" role="status"></p>
  </figure>`;
}

function renderLegend(entry: LegendEntry): Markup {
  const { label, color, shape, dash = "solid" } = entry;
  const dashes = dashArrays[dash];
  const swatch =
    shape === "line"
      ? svg`<path d="M0 6h16" stroke="${paint(color)}" stroke-width="2.5"${dashes === null ? null : svg` stroke-dasharray="${dashes}"`}/>`
      : svg`<rect width="16" height="10" y="1" rx="2" fill="${paint(color)}"${renderOpacity(shape)}/>`;
  return html`<li${marksAttributes(entry)}><svg width="16" height="12" aria-hidden="true">${swatch}</svg>${label}</li>`;
}

/** Characters of a cell that should have more than a word a line. */
const longCell = 20;

function plainText(text: Text): string {
  if (typeof text === "string") return text;
  return text.map((inline) => (typeof inline === "string" ? inline : inline.text)).join("");
}

/** Tables of figures keep their cells on one line and scroll sideways where they must; tables of words wrap. */
function renderTable({ caption, columns, rows }: Table): Markup {
  const kind = columns.some(({ align }) => align === "right") ? "figures" : "words";
  // Most cells of such a table are figures: the others are marked, or the marks would be a tenth of the page.
  const side = (index: number): Markup | null =>
    kind === "figures" && columns[index]?.align === "left" ? html` class="left"` : null;
  // On a narrow screen these would give way to the figures, down to a word a line.
  const isLong = (index: number): boolean =>
    side(index) !== null &&
    index > 0 &&
    rows.some((cells) => plainText(cells[index] ?? "").length > longCell);
  const head = columns.map(
    ({ label }, index) =>
      html`<th scope="col" ${isLong(index) ? html` class="left long"` : side(index)}>${label}</th>`,
  );
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells.map((cell, index) => (index === 0 && cell !== "" ? html`<th scope="row">${renderText(cell)}</th>` : html`<td${side(index)}>${renderText(cell)}</td>`))}
      </tr> `,
  );
  return html`<div class="table" tabindex="0" role="group" aria-label="${caption}">
    <table class="${kind}">
      <caption>
        <span>${caption}</span>
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

function renderFinding(finding: FindingBlock): Markup {
  const { id, severity, confidence, title, sentence, advice, source, ruleId } = finding;
  const { evidence, further } = finding;
  return html`<article class="finding tone-${severity}" id="${id}" aria-labelledby="${id}-title">
    <header>
      <p class="labels">
        <b>${capital(severity)}</b><span>${capital(confidence)} ${texts.page.confidence}</span
        ><span>${texts.page.rule} <code>${ruleId}</code></span>
      </p>
      <h3 id="${id}-title">${title}</h3>
      <p>${sentence}</p>
    </header>
    <div class="body">
      <h4>${texts.page.evidence}</h4>
      <ul>
        ${evidence.map(renderEvidence)}${further === null ? null : html`<li>${further}</li>`}
      </ul>
      <h4>${texts.page.whatToDo}</h4>
      <ol>
        ${advice.map((step) => html`<li>${step}</li>`)}
      </ol>
      <p class="small">${texts.page.source} ${source}</p>
    </div>
  </article>`;
}

function renderEvidence({
  sentence,
  threshold,
  times,
  anchor,
}: FindingBlock["evidence"][number]): Markup {
  const link = anchor === null ? null : html` <a href="#${anchor}">${texts.page.seeChart}</a>`;
  const when =
    times.length === 0
      ? null
      : html`<br /><span class="small">${texts.page.when} ${times.join("; ")}</span>`;
  return html`<li>
    ${sentence} <span class="small">${texts.page.limit} ${threshold}.</span>${link}${when}
  </li>`;
}

function renderVerdicts(verdicts: readonly VerdictLine[]): Markup {
  const list = (outcome: VerdictLine["outcome"], heading: string): Markup | null => {
    const lines = verdicts.filter((line) => line.outcome === outcome);
    if (lines.length === 0) return null;
    return html`<h3>${heading}</h3>
      <dl>
        ${lines.map(
          ({ title, sentence }) =>
            html`<dt>${title}</dt>
              <dd>${sentence}</dd>`,
        )}
      </dl>`;
  };
  return html`<div class="verdicts">
    ${list("explained", texts.page.explained)}${list("clear", texts.page.clear)}${list("refused", texts.page.refused)}
  </div>`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
