import { describe, expect, it } from "vitest";
import { readDiff } from "./diff";

const CHANGE = `diff --git a/train.py b/train.py
index 111..222 100644
--- a/train.py
+++ b/train.py
@@ -1,3 +1,3 @@
 import sys
-lr = 0.1
+lr = 0.01
 main()
`;

describe("a diff", () => {
  it("has the numbers of lines before and after", () => {
    const [file] = readDiff(CHANGE).files;
    expect(file).toMatchObject({ path: "train.py", what: [], nAdded: 1, nRemoved: 1 });
    expect(file?.rows.slice(1)).toEqual([
      { kind: "line", sign: " ", old: 1, new: 1, text: "import sys" },
      { kind: "line", sign: "-", old: 2, new: null, text: "lr = 0.1" },
      { kind: "line", sign: "+", old: null, new: 2, text: "lr = 0.01" },
      { kind: "line", sign: " ", old: 3, new: 3, text: "main()" },
    ]);
  });

  it("says which files are new, deleted and binary", () => {
    const { files } = readDiff(`diff --git a/new.txt b/new.txt
new file mode 100644
index 000..333
--- /dev/null
+++ b/new.txt
@@ -0,0 +1 @@
+one
diff --git a/old.txt b/old.txt
deleted file mode 100644
index 333..000
--- a/old.txt
+++ /dev/null
@@ -1 +0,0 @@
-one
diff --git a/a.png b/a.png
index 1..2 100644
Binary files a/a.png and b/a.png differ
`);
    expect(files.map((file) => [file.path, file.what])).toEqual([
      ["new.txt", ["new"]],
      ["old.txt", ["deleted"]],
      ["a.png", ["binary"]],
    ]);
  });

  it("that was cut in the middle shows what there is, and what the recorder said of it", () => {
    const cut = `${CHANGE}diff --git a/b.py b/b.py
--- a/b.py
+++ b/b.py
@@ -1,9 +1,9 @@
 one
+two
# 12 more characters are left out
`;
    const read = readDiff(cut);
    expect(read.notes).toEqual(["12 more characters are left out"]);
    expect(read.files.map((file) => file.path)).toEqual(["train.py", "b.py"]);
    expect(read.files[1]).toMatchObject({ what: ["incomplete"], nAdded: 1 });
  });

  it("that is no diff at all is shown as it stands", () => {
    const { files } = readDiff("<script>alert(1)</script>\n");
    expect(files[0]?.rows[0]).toMatchObject({ sign: " ", text: "<script>alert(1)</script>" });
  });

  it("of five thousand lines is read at once", () => {
    const lines = Array.from({ length: 5000 }, (_, at) => `+line ${at}`).join("\n");
    const read = readDiff(
      `diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,5000 @@\n${lines}\n`,
    );
    expect(read.nAdded).toBe(5000);
  });

  it("keeps a comment of a file that is part of the change", () => {
    const read = readDiff(CHANGE.replace("+lr = 0.01", "+# lr = 0.01"));
    expect(read.notes).toEqual([]);
    expect(read.nAdded).toBe(1);
  });
});
