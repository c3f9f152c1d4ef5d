package novelty

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// slack is by how much what is left is less than the bound at most where a file went for
// its size: a file is begun anew at segmentBytes, behind a batch and the line of its end.
const slack = segmentBytes + batchBytes + maxLine

// MayLack reports whether files of the log may have gone before they were as old as Kept,
// since all of them were too large: whoever read it before may know more. It may be true
// where all files are there yet.
func (r *Reader) MayLack() (bool, error) {
	found, err := segments(r.dir, r.stem)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var size int64
	for _, s := range found[:max(0, len(found)-1)] { // the last one is not counted by who prunes
		if st, err := os.Lstat(filepath.Join(r.dir, s.file)); err == nil {
			size += st.Size()
		}
	}
	return size > stemBytes-slack, nil
}
