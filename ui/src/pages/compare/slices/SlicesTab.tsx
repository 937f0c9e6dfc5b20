export default function SlicesTab() {
  return null;
}
