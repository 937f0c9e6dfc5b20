import { Button, Tooltip } from "@mantine/core";
import { IconFileDownload } from "@tabler/icons-react";
import { useState } from "react";
import { downloadBlob, fileNameOf } from "~/charts/download";
import { tellProblem } from "~/components/notices";
import { labelRun } from "~/format/run";
import type { Asked, TableRow } from "../queries";

/** Makes a report of the comparison in the browser, as one HTML file to hand on. */
export function ReportButton({ asked, runs }: { asked: Asked; runs: readonly TableRow[] }) {
  const [isMaking, setMaking] = useState(false);
  const make = async () => {
    setMaking(true);
    try {
      // What writes it is only loaded for this.
      const [{ readReport }, { writeReport }] = await Promise.all([
        import("./data"),
        import("./writeReport"),
      ]);
      const html = writeReport(await readReport(asked), new Date(), window.location.href);
      const names = runs.length === 2 ? runs.map(labelRun).join(" and ") : `${runs.length} runs`;
      downloadBlob(
        new Blob([html], { type: "text/html;charset=utf-8" }),
        fileNameOf(`Comparison of ${names}`, "html"),
      );
    } catch (error) {
      tellProblem("Making the report", error);
    } finally {
      setMaking(false);
    }
  };
  return (
    <Tooltip label="One HTML file with sentences, tables and charts, to hand on">
      <Button
        variant="default"
        leftSection={<IconFileDownload size={15} />}
        loading={isMaking}
        onClick={() => void make()}
      >
        Report
      </Button>
    </Tooltip>
  );
}
