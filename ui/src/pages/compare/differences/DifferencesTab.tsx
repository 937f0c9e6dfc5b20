export default function DifferencesTab() {
  return null;
}
