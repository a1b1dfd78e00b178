# `make` alone lists the targets. Every target that needs the environment makes it first.
SHELL := /bin/bash
VENV ?= .venv
PYTHON ?= python3
PIP_ARGS ?=
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help install demo test check bench soak clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 12

install: $(VENV)/.installed ## make .venv with all that running and testing need (PIP_ARGS=… for your own index)
