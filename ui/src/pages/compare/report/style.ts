/** The look of a report: the tokens of the app in light, and what prints well. */

export const REPORT_STYLE = `
:root{--ml-surface:#fff;--ml-sunken:#f3f4f4;--ml-line:#e4e6e8;--ml-grid:#d9dcdf;--ml-axis:#56606a;--ml-better:#0b6b4f;
--ml-worse:#a3231c;--ml-unsure:#5b5f66;--ml-warn:#8a5a00;--ml-accent:#1c5fb8;--mantine-color-text:#1d2329;
--mantine-color-dimmed:#56606a}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:32px 24px;color:#1d2329;background:#fff;
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:24px;line-height:1.25;margin:0 0 4px}h2{font-size:17px;margin:32px 0 8px;break-after:avoid}
h3{font-size:14px;margin:16px 0 6px;break-after:avoid}
p{margin:0 0 8px;max-width:92ch}.dim{color:#56606a}li,p,h1,h2,h3,td.value{overflow-wrap:anywhere}td,th{overflow-wrap:break-word}
ul.said{list-style:none;margin:0 0 12px;padding:0}
ul.said li{border-left:4px solid var(--tone);padding:1px 0 1px 12px;margin:0 0 8px;font-size:16px;max-width:92ch}
.beware{border-left:4px solid #8a5a00;padding:1px 0 1px 12px;margin:12px 0}
.scroll{overflow-x:auto;margin:0 0 8px}
table{border-collapse:collapse;font-size:13px}
th,td{padding:4px 10px 4px 0;border-bottom:1px solid #e4e6e8;text-align:left;vertical-align:top}
th{font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}
td.name{min-width:90px;max-width:260px}td.value{min-width:80px;max-width:260px}td small{min-width:90px}
small{color:#56606a;display:block}
pre{background:#f3f4f4;padding:10px 12px;overflow-x:auto;font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;
white-space:pre-wrap;overflow-wrap:anywhere}
figure{margin:0 0 16px;break-inside:avoid}figure img,figure svg{max-width:100%;height:auto}
.better{color:#0b6b4f;font-weight:600}.worse{color:#a3231c;font-weight:600}.unsure{color:#5b5f66}
footer{margin-top:40px;padding-top:12px;border-top:1px solid #e4e6e8}
@media print{body{padding:0;max-width:none}.scroll{overflow:visible}}
`;
