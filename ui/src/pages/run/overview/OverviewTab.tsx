import { Grid, Stack, Text } from "@mantine/core";
import { mayWrite, useMe } from "~/app/me";
import { Section } from "~/components/Page";
import { TagList } from "~/components/Tags";
import type { TabProps } from "../tabs";
import { Headlines } from "./Headlines";
import { Metrics } from "./Metrics";
import { Note } from "./Note";
import { Config, Params } from "./Params";
import { Datasets, Nested } from "./Relations";

/** The run on one page: what came out, what went in, what people say. */
export default function OverviewTab({ run }: TabProps) {
  const me = useMe();
  const mayEdit = mayWrite(me.data, run.project_id) && run.deleted_at === null;
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack gap="lg">
          <Headlines run={run} />
          <Metrics run={run} />
          <Nested run={run} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack gap="lg">
          {run.description !== null && (
            <Section title="Description">
              <Text size="sm" className="ml-wrap" style={{ whiteSpace: "pre-wrap" }}>
                {run.description}
              </Text>
            </Section>
          )}
          {/* Another run has another draft. */}
          <Note key={run.run_id} run={run} mayEdit={mayEdit} />
          <Params run={run} />
          <Config config={run.config} />
          {Object.keys(run.tags).length > 0 && (
            <Section title="Tags">
              <TagList tags={run.tags} limit={50} />
            </Section>
          )}
          <Datasets run={run} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
