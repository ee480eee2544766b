package charts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const unit = "../../deploy/systemd/spegel.service"

// How exposed systemd finds the unit, of 10 at most, times ten. It is root, talks to the network, and writes machine code:
// what is left is little.
const exposureLimit = "35"

func TestTheUnitIsWhatSystemdTakes(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze here")
	}
	data, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	// It looks for the program and the settings, which aren't installed here.
	directory := t.TempDir()
	program := filepath.Join(directory, "spegel")
	settings := filepath.Join(directory, "spegel.env")
	for path, mode := range map[string]os.FileMode{program: 0o755, settings: 0o644} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.NewReplacer("/opt/spegel/bin/spegel", program, "/etc/spegel/spegel.env", settings).Replace(string(data))
	if !strings.Contains(text, program) || !strings.Contains(text, settings) {
		t.Fatal("the unit names neither the program nor its settings")
	}
	copied := filepath.Join(directory, "spegel.service")
	if err := os.WriteFile(copied, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command(analyze, "verify", "--man=no", copied).CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, output)
	}
	output, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold="+exposureLimit, copied).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, output)
	}
}
