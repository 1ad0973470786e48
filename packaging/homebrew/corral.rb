# The formula of a tap: `brew install OWNER/tap/corral`. OWNER, the tag and its checksum are filled
# in when a version is published.
class Corral < Formula
  desc "Many llama.cpp models in one machine's memory"
  homepage "https://github.com/OWNER/corral"
  url "https://github.com/OWNER/corral/archive/refs/tags/v0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  head "https://github.com/OWNER/corral.git", branch: "main"

  depends_on xcode: ["26.0", :build]
  depends_on "llama.cpp"

  on_macos do
    depends_on macos: :tahoe
  end

  on_linux do
    depends_on "swift" => :build
  end

  def install
    arguments = ["--disable-sandbox", "--configuration", "release", "--product", "corral"]
    arguments << "--static-swift-stdlib" if OS.linux?
    system "swift", "build", *arguments
    bin.install ".build/release/corral"
    system "scripts/man.py", bin/"corral", buildpath/"corral.1"
    man1.install "corral.1"
    generate_completions_from_executable(bin/"corral", "--generate-completion-script",
                                         shells: [:bash, :zsh, :fish],
                                         shell_parameter_format: :arg)
  end

  service do
    run [opt_bin/"corral", "serve"]
    keep_alive successful_exit: false
    environment_variables PATH: std_service_path_env
    log_path var/"log/corral.log"
    error_log_path var/"log/corral.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/corral version")
    # Nothing answers there, which has a status of its own.
    assert_match "corral serve", shell_output("#{bin}/corral ps --url http://127.0.0.1:9 2>&1", 69)
  end
end
