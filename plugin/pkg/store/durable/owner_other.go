//go:build !unix

package durable

// Own does nothing where files do not belong to a user in this way.
func Own(path, dir string) {}
