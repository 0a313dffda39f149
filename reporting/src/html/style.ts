// The report's looks. No font, picture or rule comes from elsewhere: the file must read the same without a network.
import type { BrandColors } from "../branding.ts";
import { plotPadding } from "../charts/frame.ts";
import { palette } from "../charts/palette.ts";

function colors(theme: "light" | "dark"): string {
  return Object.entries(palette)
    .map(([name, shades]) => `--${name}:${shades[theme]};`)
    .join("");
}

const light = `${colors("light")}--paper:#fff;--raised:#f6f7f9;--ink:#16202e;--soft:#4a5565;--rule:#dde1e7;--accent:#0b4a7d;
--critical:#a8200d;--critical-paper:#fdf0ed;--warning:#8a4b00;--warning-paper:#fdf5e8;--notice:#0b4a7d;--notice-paper:#eef4fa;--good:#0a6847;--good-paper:#ecf7f2;--unknown:#4a5565;--unknown-paper:#f1f3f6;--plate:transparent;--shade:#16202e33;`;
const dark = `${colors("dark")}--paper:#12171f;--raised:#1a212c;--ink:#e8ecf2;--soft:#aab4c3;--rule:#2f3947;--accent:#7db8ec;
--critical:#ff9d8a;--critical-paper:#33191a;--warning:#f3b765;--warning-paper:#302413;--notice:#7db8ec;--notice-paper:#152536;--good:#5fd3a5;--good-paper:#12291f;--unknown:#aab4c3;--unknown-paper:#1f2733;--plate:#fff;--shade:#000b;`;

export const style = `
:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}
@media screen{:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark;${dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem}
.page{max-width:62rem;margin:0 auto;padding:0 1.5rem 4rem}
.cover{padding:3.5rem 0 2rem;border-bottom:3px solid var(--accent)}
.brand{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;margin:0 0 2.2rem;min-height:2rem}
.brand p{display:flex;gap:.8rem;align-items:center;margin:0;color:var(--accent);font-size:.85rem;font-weight:650;letter-spacing:.09em;text-transform:uppercase;overflow-wrap:anywhere}
.brand img{display:block;max-width:14rem;max-height:3rem;background:var(--plate);box-shadow:0 0 0 .35rem var(--plate);border-radius:.05rem}
[hidden],.brand [hidden]{display:none}
button{font:inherit;font-size:.86rem;letter-spacing:normal;text-transform:none;padding:.2rem .7rem;border:1px solid var(--rule);border-radius:.4rem;background:var(--paper);color:var(--ink);cursor:pointer}
button:hover{background:var(--raised)}
.cover h1{margin:0;font-size:clamp(2rem,6vw,3.1rem);line-height:1.12;letter-spacing:-.022em;font-weight:680;overflow-wrap:anywhere}
.cover .subheading{margin:.45rem 0 0;font-size:1.15rem;color:var(--soft)}
.signs{display:flex;flex-wrap:wrap;gap:1rem;margin:2rem 0}
.sign{flex:1 1 17rem;display:flex;gap:1rem;align-items:center;padding:.9rem 1.1rem;border-radius:.5rem;border-left:5px solid var(--tone);background:var(--tone-paper)}
.sign b{display:block;font-size:1.15rem;line-height:1.3;color:var(--tone)}
.sign span{display:block;font-size:.9rem;color:var(--ink)}
.sign>div{min-width:0;overflow-wrap:anywhere}
.sign .letter{flex:none;font-size:2.4rem;line-height:1;font-weight:700;color:var(--tone)}
.tone-critical{--tone:var(--critical);--tone-paper:var(--critical-paper)}
.tone-warning{--tone:var(--warning);--tone-paper:var(--warning-paper)}
.tone-notice{--tone:var(--notice);--tone-paper:var(--notice-paper)}
.tone-good{--tone:var(--good);--tone-paper:var(--good-paper)}
.tone-unknown{--tone:var(--unknown);--tone-paper:var(--unknown-paper)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.9rem 2rem;margin:0}
.facts dt{font-size:.8rem;color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
.contents{margin:1.6rem 0 0;padding:0 0 1.6rem;border-bottom:1px solid var(--rule)}
.contents h2{margin:0 0 .5rem;font-size:.85rem;letter-spacing:.09em;text-transform:uppercase;color:var(--soft)}
.contents h2::before{content:none}
.contents ol{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1.6rem;counter-reset:section}
.contents li{counter-increment:section;display:flex;align-items:baseline}
.contents li::before{content:counter(section);min-width:1.5rem;margin-right:.15rem;color:var(--soft)}
.contents a{text-decoration:none;padding:.2rem 0}
.contents a:hover{text-decoration:underline}
.contents [aria-current]{font-weight:650}
main{counter-reset:section}
section{counter-increment:section}
h2{margin:3.2rem 0 1rem;font-size:1.65rem;line-height:1.25;letter-spacing:-.012em;font-weight:660}
h2::before{content:counter(section);margin-right:.8rem;color:var(--accent);font-weight:500}
h3{margin:2.2rem 0 .6rem;font-size:1.15rem;font-weight:650;overflow-wrap:anywhere}
p{margin:.7rem 0;max-width:46rem;overflow-wrap:break-word}
.lead{font-size:1.2rem;line-height:1.5}
ul.text{padding-left:1.2rem;max-width:46rem;overflow-wrap:break-word}
ul.text li{margin:.35rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));margin:1.6rem 0;border:1px solid var(--rule);border-radius:.5rem;overflow:hidden}
.tiles a{display:block;padding:.9rem 1.1rem;box-shadow:0 0 0 1px var(--rule);color:inherit;text-decoration:none}
.tiles a:hover{background:var(--raised)}
.tiles span{display:block;font-size:.86rem;color:var(--soft);overflow-wrap:anywhere}
.tiles b{display:block;font-size:clamp(1.3rem,5.4vw,1.7rem);line-height:1.3;font-weight:640;letter-spacing:-.01em}
.finding{overflow-wrap:break-word;margin:1.5rem 0;border:1px solid var(--rule);border-left:5px solid var(--tone);border-radius:.5rem;overflow:hidden}
.finding header{padding:1rem 1.3rem .9rem;background:var(--tone-paper)}
.finding h3{margin:.2rem 0 .3rem;font-size:1.3rem}
.finding header p{margin:0;font-size:1.05rem}
.labels{display:flex;flex-wrap:wrap;gap:.3rem .9rem;margin:0;font-size:.86rem;color:var(--soft)}
.labels b{color:var(--tone)}
.finding .body{padding:.3rem 1.3rem 1.1rem}
.finding h4,.verdicts h3{margin:1rem 0 .3rem;font-size:.85rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);font-weight:650}
.finding ul,.finding ol{margin:.2rem 0;padding-left:1.25rem}
.finding li{margin:.35rem 0}
.small{font-size:.88rem;color:var(--soft)}
.verdicts{margin:1.6rem 0}
.verdicts dl{margin:0;display:grid;grid-template-columns:minmax(9rem,12rem) minmax(0,1fr);overflow-wrap:break-word}
.verdicts h3{margin-bottom:0;padding-bottom:.3rem;border-bottom:1px solid var(--rule)}
.verdicts dt,.verdicts dd{margin:0;padding:.55rem 0;border-bottom:1px solid var(--rule)}
.verdicts dt{font-weight:600;padding-right:1rem}
figure{margin:1.6rem 0 1rem;break-inside:avoid}
.row{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:0 2rem}
.row figure{display:grid;grid-template-columns:minmax(0,1fr);grid-template-rows:subgrid;grid-row:span 4}
figcaption{margin:0 0 .35rem}
figcaption b{display:block;font-size:1.02rem;font-weight:640;overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;margin:0;padding:0;list-style:none;font-size:.86rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:.4rem;min-width:0;overflow-wrap:anywhere}
.legend svg{flex:none}
.legend button{display:flex;align-items:center;gap:.4rem;margin:-.1rem -.4rem;padding:.1rem .4rem;border-color:transparent;background:none;color:inherit;text-align:left;overflow-wrap:anywhere;min-width:0}
.legend button:hover{border-color:var(--rule)}
.legend [aria-pressed=false]{text-decoration:line-through}
.legend [aria-pressed=false] svg{opacity:.3}
.off{visibility:hidden}
.selection{fill:var(--accent);fill-opacity:.15}
.zoom button{margin-left:.3rem}
.picture .chart{user-select:none;-webkit-user-select:none;-webkit-touch-callout:none}
.picture{touch-action:pan-y pinch-zoom}
.chart{display:block;width:100%;padding:${plotPadding};overflow:visible}
.halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.picture{container-type:inline-size;position:relative}
@container (max-width:34rem){.minor{display:none}}
.note{margin:.1rem 0 0;font-size:.8rem;color:var(--soft)}
.readout{min-height:1.4em;margin:.2rem 0 0;font-size:.86rem;color:var(--ink)}
@media (pointer:coarse){.picture:has([data-x=time],[data-x=elapsed])~.readout:empty::before{content:"Hold, then drag, to zoom in on a time.";color:var(--soft)}}
.cursor{stroke:var(--ink);stroke-width:1;vector-effect:non-scaling-stroke}
.table{container-type:inline-size;margin:1.4rem 0 2rem;overflow-x:auto}
caption span{display:block;position:sticky;left:0;max-width:100cqw}
table{border-collapse:collapse;width:100%;font-size:.88rem;line-height:1.4}
caption{text-align:left;padding:0 0 .45rem;font-size:1.02rem;font-weight:640;caption-side:top}
th,td{padding:.34rem .55rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-weight:600;vertical-align:bottom;text-wrap:balance;border-bottom:2px solid var(--rule)}
tbody th{font-weight:500}
.figures th,.figures td{text-align:right}
.figures tbody :is(th,td){white-space:nowrap}
.figures .left,.figures th:first-child{text-align:left}
.figures td.left{white-space:normal}
.figures th.long{min-width:11rem}
@media screen{.table{background:linear-gradient(to left,var(--paper) 40%,transparent) right/2rem 100% no-repeat local,linear-gradient(to left,var(--shade),transparent) right/.9rem 100% no-repeat scroll}
.figures :is(th,td):first-child{position:sticky;left:0;background:var(--paper)}.figures tbody tr:hover :is(th,td):first-child{background:var(--raised)}}
tbody tr:hover{background:var(--raised)}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--rule);font-size:.85rem;color:var(--soft)}
@media screen and (max-width:40rem){.figures th:first-child{white-space:normal;min-width:6rem;max-width:38vw;overflow-wrap:break-word}.figures th code{overflow-wrap:break-word}}
@media (max-width:40rem){.page{padding:0 1rem 3rem}.cover{padding-top:2rem}.verdicts dl{grid-template-columns:minmax(0,1fr)}.verdicts dt{border-bottom:0;padding-bottom:0}.lead{font-size:1.1rem}}
@media screen and (min-width:84rem){
.page{display:grid;grid-template-columns:11rem minmax(0,62rem);grid-template-rows:auto auto 1fr auto;column-gap:3.5rem;max-width:80rem}
.cover,footer{grid-column:2}
.contents{grid-column:1;grid-row:1/span 4;position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;margin:0;padding:3.5rem 0 1rem;border:0}
.contents ol{display:block}
main{grid-column:2}
}
@page{size:A4;margin:16mm 15mm 18mm}
@media print{
:root{color-scheme:light}
html{font-size:80%}
body{font-size:10pt}
.verdicts h3{break-after:avoid}
.verdicts :is(dt,dd){break-inside:avoid}
.page{max-width:none;padding:0}
.cover{padding-top:0;min-height:0}
.skip,.readout,.brand .tools,.zoom{display:none}
.tiles{grid-template-columns:repeat(4,1fr)}
.row{grid-template-columns:1fr 1fr}
.contents [aria-current]{font-weight:inherit}
h2{margin-top:2rem;break-after:avoid}
h3,h4,caption,figcaption{break-after:avoid}
section#annex{break-before:page}
.finding,.tiles,.sign,tr{break-inside:avoid}
thead{display:table-header-group}
.table{overflow:visible;container-type:normal}
table{font-size:7.6pt}
th,td{padding:.2rem .3rem}
a{color:inherit;text-decoration:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`.trim();

/** The brand's colour in place of our own, for light and dark. */
export function brandStyle({ light: onLight, dark: onDark }: BrandColors): string {
  return `:root{--accent:${onLight}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){--accent:${onDark}}}
@media screen{:root[data-theme=dark]{--accent:${onDark}}}`;
}
