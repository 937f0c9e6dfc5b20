export default function RadarTab() {
  return null;
}
