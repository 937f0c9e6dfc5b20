import { Anchor, Stack, Text } from "@mantine/core";
import { root } from "~/api/client";
import { useMe } from "~/app/me";
import { CodeBlock } from "~/components/CodeBlock";
import { Facts } from "~/components/Facts";
import { ErrorState, Loading } from "~/components/Feedback";
import { Section } from "~/components/Page";
import { formatBytes, formatCount } from "~/format/number";

/** What this server is, where programs reach it, and its limits. */
export function Server() {
  const found = useMe();
  if (found.isPending) return <Loading />;
  if (found.isError)
    return <ErrorState error={found.error} what="Asking the server" retry={() => void found.refetch()} />;
  const { server, login } = found.data;
  const address = window.location.origin + root;
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          { label: "ModelLab", value: server.version },
          { label: "Name", value: server.project_name },
          { label: "Login", value: login ? "needed" : "none: this machine only" },
          { label: "Largest upload", value: formatBytes(server.max_upload_bytes) },
          { label: "Largest other request", value: formatBytes(server.max_body_bytes) },
          {
            label: "Requests a minute",
            value:
              server.rate_limit === null ? "no limit" : `${formatCount(server.rate_limit)} a key or user`,
          },
        ]}
      />
      <Section title="Log from another program">
        <CodeBlock
          code={`export MODELLAB_API_URL=${address}${login ? "\nexport MODELLAB_API_KEY=mlk_…   # Settings, API keys" : ""}`}
        />
      </Section>
      <Section title="HTTP API">
        <Text size="sm">
          Below <code>{address}/api/modellab</code>; described by{" "}
          <Anchor size="sm" underline="always" href={`${root}/openapi.json`} target="_blank" rel="noopener">
            openapi.json
          </Anchor>
          .
        </Text>
        <CodeBlock
          code={`curl '${address}/api/modellab/runs?limit=5'${login ? ' -H "Authorization: Bearer $MODELLAB_API_KEY"' : ""}`}
        />
      </Section>
    </Stack>
  );
}
