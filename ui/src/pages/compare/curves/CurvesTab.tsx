export default function CurvesTab() {
  return null;
}
