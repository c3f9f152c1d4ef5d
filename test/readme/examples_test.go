package readme

import (
	"os"
	"path/filepath"
	"testing"
)

// TestExamples: the README shows the files in examples, all of them and as they
// are, and no other configuration of a resolver.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "examples", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	shown := map[string]bool{}
	for _, b := range blocks(t, "README.md") {
		shown[b.text] = true
	}
	examples := map[string]bool{}
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		examples[string(content)] = true
		if !shown[string(content)] {
			t.Errorf("README.md does not show %s as it is", f)
		}
	}
	for _, b := range blocks(t, "README.md") {
		if (b.language == "conf" || b.language == "lua") && !examples[b.text] {
			t.Errorf("README.md:%d: not a file in examples", b.line)
		}
	}
}
