//go:build !linux

package main

func noNewPrivileges() error { return nil }
