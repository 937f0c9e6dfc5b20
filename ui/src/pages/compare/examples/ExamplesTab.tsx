export default function ExamplesTab() {
  return null;
}
