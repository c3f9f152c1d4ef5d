package durable

import (
	"fmt"
	"os"
)

// maxFile bounds what ReadFile takes in: many times what any store has written.
const maxFile = 256 << 20

// ReadFile reads a file of a store's state. What is none, a pipe say, or is larger
// than any can be, is an error, and not waited for or taken in.
func ReadFile(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: want a file, it is %s", path, st.Mode().Type())
	case st.Size() > maxFile:
		return nil, fmt.Errorf("%s: %d bytes, want at most %d", path, st.Size(), maxFile)
	}
	return os.ReadFile(path)
}
