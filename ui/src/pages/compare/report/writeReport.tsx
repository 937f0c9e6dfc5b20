import { renderToStaticMarkup } from "react-dom/server";
import type { ReportData } from "./data";
import { ReportDocument } from "./ReportDocument";

/** The report as the text of an HTML file: the same for the same data, but for the line that says when. */
export function writeReport(data: ReportData, madeAt: Date, address: string): string {
  const when = `${madeAt.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const document = renderToStaticMarkup(<ReportDocument data={data} madeAt={when} address={address} />);
  return `<!doctype html>\n${document}\n`;
}
