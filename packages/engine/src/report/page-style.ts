/** Colours in light and dark, one column on small screens and on paper. Nothing is loaded from anywhere. */
export const pageStyle = `
:root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1c1d1f;--dim:#63656a;--line:#dedad0;--soft:#f3f0e8;--hot:#b92a18;--hit:#fbe4de;--link:#1f5fa8;
--tag0:#8fb3c9;--tag1:#c9b48f;--tag2:#a7c2a0;--tag3:#c2a0b8;--tag4:#b3b0cf;--tag5:#d1c59a;--tag6:#9fc4bd;--tag7:#cbb0a2}
@media (prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#e6e4de;--dim:#9a9da3;--line:#33373d;--soft:#1d2024;--hot:#ff7a63;--hit:#3a1f1a;--link:#7db3ee;
--tag0:#43657a;--tag1:#73623f;--tag2:#50704a;--tag3:#724f69;--tag4:#5d5a80;--tag5:#766b44;--tag6:#4b6c66;--tag7:#785d52}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
code,.mono,svg text,td.mono{font-family:ui-monospace,"DejaVu Sans Mono",Consolas,monospace;font-size:.87em}
header,main,footer{max-width:1120px;margin:0 auto;padding:0 28px}
header{padding-top:16px;display:flex;flex-wrap:wrap;gap:2px 20px}main::before{content:"";display:block;border-top:1px solid var(--line);margin-top:12px}
header p{margin:0}.dim,figcaption,footer,small{color:var(--dim)}
h1{font-size:1.6em;line-height:1.3;font-weight:600;margin:28px 0 4px;max-width:60ch}
h2{font-size:1em;margin:26px 0 8px}h3{font-size:.93em;margin:18px 0 4px}
.kind{margin:0 0 22px}.kind b{color:var(--hot)}.kind b.calm{color:inherit}
.columns{display:grid;grid-template-columns:minmax(0,1fr) 300px;gap:0 44px;align-items:start}
.columns>div>section:first-child h2{margin-top:6px}
figure{margin:0}figure svg{width:100%;height:auto;display:block}figcaption{font-size:.87em;margin-top:6px}
svg text{font-size:11px;fill:var(--ink)}svg text.dim{fill:var(--dim)}svg text.hot{fill:var(--hot)}
.free,.lost{fill:none;stroke:var(--dim);stroke-dasharray:2 2}.lost{stroke:var(--line);stroke-dasharray:none}
.damage{fill:url(#hit);stroke:var(--hot)}.hit-ground{fill:var(--hit)}.hit-line{fill:var(--hot)}.byte{fill:var(--soft)}.zoom{stroke:var(--line);fill:none}
.tag0{fill:var(--tag0)}.tag1{fill:var(--tag1)}.tag2{fill:var(--tag2)}.tag3{fill:var(--tag3)}.tag4{fill:var(--tag4)}.tag5{fill:var(--tag5)}.tag6{fill:var(--tag6)}.tag7{fill:var(--tag7)}
.key{display:inline-block;width:1.1em;height:.8em;margin-right:3px}.free-key{border:1px dashed var(--dim)}.hit-key{background:repeating-linear-gradient(45deg,var(--hit) 0 3px,var(--hot) 3px 5px)}.lost-key{border:1px solid var(--line)}.tag-key{background:var(--tag4)}
ol{padding-left:1.6em;margin:0}li{margin-bottom:9px}li::marker{color:var(--dim)}
.command{color:var(--link);user-select:all;-webkit-user-select:all}li .command{display:block}
.suspect{margin-bottom:14px}.suspect ul,.missing{margin:0;padding:0;list-style:none}.suspect li{margin:0 0 3px;font-size:.87em;color:var(--dim)}
.bar{height:6px;margin:4px 0;background:var(--soft);border-radius:3px}.bar div{height:6px;border-radius:3px;background:var(--hot)}
.next{background:var(--soft);padding:9px 12px;border-radius:6px;margin:0;list-style:none}.next li{margin:0}
.missing li{border-left:2px solid var(--line);padding-left:10px;font-size:.93em}.missing span{color:var(--dim)}
table{border-collapse:collapse;text-align:left;font-size:.93em}th,td{padding:3px 18px 3px 0;vertical-align:top}thead th{border-bottom:1px solid var(--line)}th{font-weight:600;white-space:nowrap}tbody th{font-weight:400;color:var(--dim)}
tr.guess td{color:var(--dim)}
.scroll{overflow-x:auto}summary{cursor:pointer;font-weight:600;margin:20px 0 6px}
footer::before{content:"";display:block;border-top:1px solid var(--line);margin:34px 0 12px}footer{padding-bottom:30px;font-size:.87em}footer p{margin:0 0 4px}
@media (max-width:800px){.columns{grid-template-columns:minmax(0,1fr)}.columns>div>section:first-child h2{margin-top:26px}header,main,footer{padding-left:16px;padding-right:16px}}
@media print{:root{--paper:#fff}body{font-size:11px;print-color-adjust:exact;-webkit-print-color-adjust:exact}header,main,footer{max-width:none}section,figure,tr,li{break-inside:avoid}details::details-content{content-visibility:visible;display:block}}
`;
