import { Button, Group } from "@mantine/core";
import { Link, useLocation, useRouteError } from "react-router";
import { EmptyState, ErrorState } from "~/components/Feedback";

/** In the place of a page that broke: what happened, and two ways on. */
export function CrashPage() {
  const error = useRouteError();
  return (
    <>
      <ErrorState error={error} what="Showing this page" retry={() => window.location.reload()} />
      <Group px="sm">
        <Button component={Link} to="/" variant="default">
          To the dashboard
        </Button>
      </Group>
    </>
  );
}

/** There is no page at this address. */
export function MissingPage() {
  const { pathname } = useLocation();
  return (
    <EmptyState
      title="There is no such page"
      action={
        <Button component={Link} to="/">
          To the dashboard
        </Button>
      }
    >
      Nothing is at <code>{pathname}</code>. Ctrl K finds runs, projects, datasets and pages.
    </EmptyState>
  );
}
