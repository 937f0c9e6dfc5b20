export default function ExploreTab() {
  return null;
}
