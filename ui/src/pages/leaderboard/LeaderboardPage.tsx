import { Page } from "~/components/Page";

export default function LeaderboardPage() {
  return <Page title="Leaderboard">{null}</Page>;
}
