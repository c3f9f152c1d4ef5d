package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// address NAME sets a variable to an address that nobody listens at.
func address(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv(args[0], l.Addr().String())
}

// get URL shows what a server answers: the status and the body. It waits until there
// is a server.
func get(ts *testscript.TestScript, _ bool, args []string) {
	r, err := http.Get(args[0])
	for deadline := time.Now().Add(time.Minute); err != nil; r, err = http.Get(args[0]) {
		if time.Now().After(deadline) {
			ts.Fatalf("%v", err)
		}
	}
	defer r.Body.Close()
	fmt.Fprintln(ts.Stdout(), r.Status)
	_, err = io.Copy(ts.Stdout(), r.Body)
	ts.Check(err)
}
