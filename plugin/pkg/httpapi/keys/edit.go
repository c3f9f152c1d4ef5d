package keys

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.org/pdns/plugin/pkg/store/durable"
)

// Read reads a file of keys. The errors are all that are wrong with it, one for each
// line; keys are those of the other lines.
func Read(path string) ([]Key, []error) {
	text, _, err := readFile(path)
	if err != nil {
		return nil, []error{err}
	}
	return parse(path, text, Terms{})
}

// Exposed is an error if others than the owner of a file can read it, as far as the
// system tells, or if there is none.
func Exposed(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return exposed(path, info)
}

// Add adds a key with a new secret to a file, which is made, readable for its owner
// alone, if there is none. fields are those of a line behind the hash. What it
// returns is what a client presents, which nothing remembers.
func Add(path, name string, fields ...string) (string, error) {
	// It is parsed as the server will, with the hash of nothing: a blank in a field
	// would make two of it.
	line := strings.Join(append([]string{name, none.String()}, fields...), " ")
	k, err := parseLine(line, Terms{})
	switch {
	case err != nil:
		return "", err
	case k.Name != name:
		return "", errors.New("name: want one")
	case strings.Contains(line, "\n"):
		return "", errors.New("want one line")
	}
	unlock, err := lock(path)
	if err != nil {
		return "", err
	}
	defer unlock()
	text, _, err := readFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	before := ""
	if text != "" && !strings.HasSuffix(text, "\n") {
		before = "\n"
	}
	if _, errs := parse(path, text+before+line, Terms{}); len(errs) > 0 {
		return "", errs[0]
	}
	secret := strings.ToLower(rand.Text() + rand.Text()) // 260 bits
	line = strings.Replace(line, none.String(), newArgon(secret).String(), 1)
	if err := appendLine(path, before+line+"\n"); err != nil {
		return "", err
	}
	return name + "." + secret, nil
}

// lock keeps others from editing a file of keys at the same time. It is the directory
// that is locked: the file may be another one afterwards.
func lock(path string) (unlock func(), err error) {
	whole, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		whole, err = path, nil
	}
	if err != nil {
		return nil, err
	}
	return lockDir(filepath.Dir(whole))
}

// appendLine adds to the end of a file at once, or not at all.
func appendLine(path, line string) (err error) {
	if f, err := durable.CreateNew(path); err == nil {
		f.Close()
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line); err != nil {
		return errors.Join(err, f.Truncate(info.Size()))
	}
	return f.Sync()
}

// Remove takes a key out of a file. Other lines stay as they are, malformed ones
// too. The error matches fs.ErrNotExist if there is no such file.
func Remove(path, name string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	unlock, err := lock(path)
	if err != nil {
		return err
	}
	defer unlock()
	text, info, err := readFile(path)
	if err != nil {
		return err
	}
	var rest strings.Builder
	for line := range strings.Lines(text) {
		if fields := fieldsOf(line); len(fields) == 0 || fields[0] != name {
			rest.WriteString(line)
		}
	}
	if rest.Len() == len(text) {
		return fmt.Errorf("%s: no key has the name %q", path, name)
	}
	return rewrite(path, rest.String(), info)
}

// rewrite replaces a file by another with the same owner and mode.
func rewrite(path, text string, info fs.FileInfo) error {
	temp := path + ".new"
	f, err := durable.Create(temp)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = cmp.Or(err, likewise(f, info), f.Close())
	if err == nil {
		err = durable.Rename(temp, path)
	}
	if err != nil && !errors.Is(err, durable.ErrUnsynced) {
		os.Remove(temp)
	}
	return err
}
