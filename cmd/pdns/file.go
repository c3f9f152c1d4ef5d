package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An outputFile is a file that appears under its name when it is whole, and is
// compressed if its name says so. Standard output, devices and pipes are written
// to as they are: they must not be replaced.
type outputFile struct {
	io.Writer
	closers []io.Closer // in this order
	temp    *os.File    // what becomes the file; nil if written in place
	path    string
}

// create begins the file at path, or standard output for an empty path.
func (p *program) create(path string, force bool) (*outputFile, error) {
	if path == "" {
		return &outputFile{Writer: p.out}, nil
	}
	replace, err := mayWrite(path, force)
	if err != nil {
		return nil, err
	}
	if !replace {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &outputFile{Writer: f, closers: []io.Closer{f}}, err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return nil, &fs.PathError{Op: "create", Path: path, Err: cause(err)}
	}
	o := &outputFile{Writer: temp, temp: temp, path: path}
	if z := compressor(temp, path); z != nil {
		o.Writer, o.closers = z, []io.Closer{z}
	}
	return o, nil
}

// compressor is what the ending of a file's name asks for; nil for nothing.
func compressor(w io.Writer, path string) io.WriteCloser {
	switch filepath.Ext(path) {
	case ".gz":
		return gzip.NewWriter(w)
	case ".zst":
		if z, err := zstd.NewWriter(w); err == nil { // no option that could be wrong
			return z
		}
	}
	return nil
}

// commit makes the file appear.
func (o *outputFile) commit() error {
	for _, c := range o.closers {
		if err := c.Close(); err != nil {
			return err
		}
	}
	if o.temp == nil {
		return nil
	}
	if err := errors.Join(o.temp.Sync(), o.temp.Close()); err != nil {
		return err
	}
	return os.Rename(o.temp.Name(), o.path)
}

// abandon removes what was not committed; behind commit it does nothing.
func (o *outputFile) abandon() {
	if o.temp != nil {
		o.temp.Close()
		os.Remove(o.temp.Name())
	}
}

// cause is an error without the path that it is about.
func cause(err error) error {
	var about *fs.PathError
	if errors.As(err, &about) {
		return about.Err
	}
	return err
}

// mayWrite refuses a file that exists, unless it may be replaced. It reports
// whether there may be another file under the name: a device or a pipe stays.
func mayWrite(path string, force bool) (replace bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return false, &fs.PathError{Op: "create", Path: path, Err: cause(err)}
		}
		return true, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return false, fmt.Errorf("%s is a directory, want a file", path)
	case !info.Mode().IsRegular():
		return false, nil
	case !force:
		return false, withHint(fmt.Errorf("%s exists", path), "--force replaces it")
	}
	return true, nil
}
