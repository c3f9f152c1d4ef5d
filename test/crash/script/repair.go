package script

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// A repair is a store that was damaged, and what a repair that nobody disturbs
// makes of it. It is made once in a process: bbolt lays out no two runs alike.
type repair struct {
	harm     func(p *Program, dir string) error // makes the store and damages it
	remove   bool                               // what is damaged, instead of putting it aside
	linkless bool                               // no file can have two names, as on FAT

	damaged map[string][]byte // the store's files by name
	kept    history           // of what a repair keeps
	sound   []string          // the files that it leaves as they are
	aside   []string          // the files that it puts aside
	make    sync.Once
	err     error
}

// repairs are the damaged stores by the script that repairs them.
var repairs = map[string]*repair{
	"repair-runs":     {harm: harmRuns},
	"repair-linkless": {harm: harmRuns, linkless: true},
	"repair-manifest": {harm: harmManifest},
	"repair-merged":   {harm: harmMerged, remove: true},
}

func init() {
	for name, r := range repairs {
		Scripts[name] = r.repair
	}
}

// Repairs says whether a script repairs a store.
func Repairs(name string) bool { return repairs[name] != nil }

// Linkless says whether no file can have two names where a script runs.
func Linkless(name string) bool { return Repairs(name) && repairs[name].linkless }

// repair repairs until that goes well, and tells what is not put aside and which
// errors of the system a report is about.
func (r *repair) repair(p *Program) error {
	o := store.RepairOptions{Delete: r.remove, Report: func(did store.Repaired) {
		if did.Aside == "" && !r.remove && !errors.Is(did.Fault, fs.ErrNotExist) {
			p.say("gone %s", did.File)
		}
		if errno := syscall.Errno(0); errors.As(did.Fault, &errno) && errno != syscall.ENOENT {
			p.complain(did.Fault)
		}
	}}
	return p.insist(func() error { return store.Repair(context.Background(), filepath.Join(p.root, storeDir), o) })
}

// Start is what is below the root before a script begins, by path; directories
// have nil.
func Start(name string) (map[string][]byte, error) {
	r := repairs[name]
	if r == nil {
		return nil, nil
	}
	if r.make.Do(func() { r.err = r.prepare() }); r.err != nil {
		return nil, fmt.Errorf("%s: %w", name, r.err)
	}
	tree := map[string][]byte{filepath.Dir(storeDir): nil, storeDir: nil}
	for file, b := range r.damaged {
		tree[filepath.Join(storeDir, file)] = b
	}
	return tree, nil
}

// perBulky is how many observations a run of a damaged store has: some blocks.
const perBulky = 30

func (r *repair) prepare() error {
	root, err := os.MkdirTemp("", "pdns-crash-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	dir := filepath.Join(root, storeDir)
	p := newProgram(root, io.Discard)
	p.series = bulky
	if err := p.open(); err != nil {
		return err
	}
	if err := r.harm(p, dir); err != nil {
		return err
	}
	if r.damaged, err = files(dir); err != nil {
		return err
	}
	var unfit error
	o := store.RepairOptions{Report: func(did store.Repaired) {
		if did.Outcome == store.Rewritten && (did.After == 0 || did.Before == did.After) {
			unfit = fmt.Errorf("%s: %d records of %d are left, want some", did.File, did.After, did.Before)
		}
	}}
	if err := errors.Join(store.Repair(context.Background(), dir, o), unfit); err != nil {
		return err
	}
	return r.learn(dir)
}

// learn finds out what a repair has made of a store.
func (r *repair) learn(dir string) error {
	for file, b := range r.damaged {
		if now, err := os.ReadFile(filepath.Join(dir, file)); err == nil && bytes.Equal(now, b) {
			r.sound = append(r.sound, file)
		}
		if _, err := os.Stat(filepath.Join(dir, store.Aside, file)); err == nil && !r.remove && !r.linkless {
			r.aside = append(r.aside, file)
		}
	}
	src, err := store.OpenReader(dir)
	if err != nil {
		return err
	}
	defer src.Close()
	r.kept, err = bulky.read(src)
	return err
}

// harmRuns has a part of one run wiped, and another missing.
func harmRuns(p *Program, dir string) error {
	if err := flushBulky(p, 3); err != nil {
		return err
	}
	return errors.Join(p.store.Close(), wipe(dir, 1, 5), os.Remove(filepath.Join(dir, "00000002.run")))
}

// harmManifest has the manifest and a part of a run wiped.
func harmManifest(p *Program, dir string) error {
	if err := flushBulky(p, 2); err != nil {
		return err
	}
	return errors.Join(p.store.Close(), wipe(dir, 1, 5), os.WriteFile(filepath.Join(dir, manifest.File), make([]byte, 400), 0o600))
}

// harmMerged has the manifest missing where a merge had just ended, and a part of
// the run that came next wiped.
func harmMerged(p *Program, dir string) error {
	if err := flushBulky(p, 2); err != nil {
		return err
	}
	merged, err := files(dir)
	if err != nil {
		return err
	}
	if err := p.store.Merge(context.Background(), true, nil); err != nil {
		return err
	}
	if err := p.flush(3 * perBulky); err != nil {
		return err
	}
	for _, file := range []string{"00000001.run", "00000002.run"} {
		if err := os.WriteFile(filepath.Join(dir, file), merged[file], 0o600); err != nil {
			return err
		}
	}
	return errors.Join(p.store.Close(), wipe(dir, 4, 2*perBulky+5), os.Remove(filepath.Join(dir, manifest.File)))
}

func flushBulky(p *Program, runs int) error {
	for n := range runs {
		if err := p.flush((n + 1) * perBulky); err != nil {
			return err
		}
	}
	return nil
}

// wipe clears the part of a run in which an observation lies.
func wipe(dir string, run, observation int) error {
	path := filepath.Join(dir, fmt.Sprintf("%08d.run", run))
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	noise := bulky.observation(observation).Rdata[0][1:100]
	at := bytes.Index(b, noise)
	if at < 0 {
		return fmt.Errorf("%s: the rdata of observation %d is not there as it is", path, observation)
	}
	clear(b[at:][:len(noise)])
	return os.WriteFile(path, b, 0o600)
}

// files are those of a directory, by name.
func files(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	held := map[string][]byte{}
	for _, e := range entries {
		if held[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return held, nil
}

// check says how a store differs from what a repair that nobody disturbs would
// have left. What was ended, or told of an error, is repaired again before.
func (r *repair) check(p *Promise, dir string) error {
	if !p.Done {
		if err := store.Repair(context.Background(), dir, store.RepairOptions{Delete: r.remove}); err != nil {
			return fmt.Errorf("again: %w", err)
		}
	}
	if err := errors.Join(r.checkFiles(dir, p.Gone), verify(dir)); err != nil {
		return err
	}
	var told []error
	s, err := store.Open(dir, p.options(func(err error) { told = append(told, err) }))
	if err != nil {
		return err
	}
	defer s.Close()
	if err := r.checkHistory(s); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	return errors.Join(checkFiles(dir), verify(dir), errors.Join(told...))
}

// checkFiles says which files are not as they were, where they should be.
func (r *repair) checkFiles(dir string, gone []string) (err error) {
	same := func(path, file string) {
		if b, e := os.ReadFile(filepath.Join(dir, path)); e != nil || !bytes.Equal(b, r.damaged[file]) {
			err = errors.Join(err, fmt.Errorf("%s: is not what it was: %w", path, e))
		}
	}
	for _, file := range r.sound {
		same(file, file)
	}
	for _, file := range r.aside {
		if !slices.Contains(gone, file) {
			same(filepath.Join(store.Aside, file), file)
		}
	}
	return err
}

// checkHistory looks at what a store answers, and records one more observation.
func (r *repair) checkHistory(s *store.Store) error {
	held, err := bulky.read(s)
	if err != nil {
		return err
	}
	if err := held.diff(r.kept); err != nil {
		return err
	}
	next := bulky.observation(total)
	if err := errors.Join(s.Add(next), s.Sync(context.Background())); err != nil {
		return fmt.Errorf("recording on: %w", err)
	}
	want := maps.Clone(r.kept)
	want.add(bulky.identity(next), &next.Figures)
	if held, err = bulky.read(s); err != nil {
		return err
	}
	return held.diff(want)
}
