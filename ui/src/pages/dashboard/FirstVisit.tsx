import { Anchor, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useMe } from "~/app/me";
import { CodeBlock } from "~/components/CodeBlock";
import { DatasetUpload, DropTarget, useChosenFiles } from "../datasets/DatasetUpload";
import classes from "./FirstVisit.module.css";

const DECORATOR = `from modellab import log_metrics, log_run

@log_run()
def train(learning_rate: float = 0.1, epochs: int = 10):
    for epoch in range(epochs):
        log_metrics({"train_loss": 1 / (epoch + 1)}, step=epoch)
    return {"final_metrics": {"accuracy": 0.93}}

train()`;
const BLOCK = `import modellab

with modellab.start_run("baseline", params={"lr": 0.1}) as run:
    for step in range(100):
        run.log_metrics({"loss": 1 / (step + 1)})`;
const DEMO = "modellab demo";

/** A store with nothing in it: how to get a first run or a first dataset. */
export default function FirstVisit() {
  const chosen = useChosenFiles();
  const { data: me } = useMe();
  return (
    <Stack gap="lg">
      <div>
        <Title order={2}>Nothing is recorded yet</Title>
        <Text c="dimmed" maw={640}>
          {me?.login
            ? "Run any of these with the address of this server and an API key; the run appears here as it starts."
            : "Run any of these on this machine; the run appears here as it starts. Nothing leaves it, and there is no account."}
        </Text>
        {me?.login && (
          <Text size="sm" mt="xs">
            <Anchor component={Link} size="sm" to="/settings/server">
              The address
            </Anchor>
            {" and "}
            <Anchor component={Link} size="sm" to="/settings/keys">
              your API keys
            </Anchor>
          </Text>
        )}
      </div>
      <div className={classes.ways}>
        <Way title="Decorate a function">
          <Text size="sm">All arguments, metrics, the code and the environment are recorded.</Text>
          <CodeBlock code={DECORATOR} />
        </Way>
        <Way title="Record a block">
          <Text size="sm">For scripts and notebooks; a failure is recorded with its reason.</Text>
          <CodeBlock code={BLOCK} />
        </Way>
        <Way title="See a demo">
          <Text size="sm">Trains and evaluates 24 small models on real data, in a folder of its own.</Text>
          <CodeBlock code={DEMO} />
        </Way>
        <Way title="Or begin with data">
          <Text size="sm">A file becomes a dataset with columns, versions and the runs that use it.</Text>
          <DropTarget chosen={chosen} />
          <DatasetUpload chosen={chosen} known={[]} />
        </Way>
      </div>
    </Stack>
  );
}

function Way({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={title} miw={0}>
      <Title order={3}>{title}</Title>
      {children}
    </Stack>
  );
}
