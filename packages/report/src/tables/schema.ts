// Made by tools/make-report-package.mjs: change what it is made of, and run it.

/** JSON Schema (2020-12) of the report. */
export const reportSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'poolscope.analysis/1',
  title: 'poolscope analysis report',
  description:
    'Answer of `poolscope analyze --json`. Null or absent: the dump does not tell. Fields may be added without a new schema number.',
  type: 'object',
  required: ['schema', 'tool', 'dump', 'bugcheck', 'verdict'],
  properties: {
    schema: {
      const: 'poolscope.analysis/1',
    },
    tool: {
      type: 'object',
      required: ['name', 'version'],
      properties: {
        name: {
          const: 'poolscope',
        },
        version: {
          type: 'string',
          minLength: 1,
        },
      },
    },
    dump: {
      type: 'object',
      required: ['path', 'bytes', 'format', 'machine'],
      properties: {
        path: {
          type: 'string',
        },
        bytes: {
          type: 'integer',
          minimum: 0,
        },
        format: {
          enum: ['full', 'summary', 'header', 'triage', 'bitmap-full', 'bitmap-kernel', 'range'],
        },
        machine: {
          enum: ['x64', 'x86', 'arm64'],
        },
        build: {
          type: ['integer', 'null'],
          minimum: 0,
        },
        processors: {
          type: ['integer', 'null'],
          minimum: 0,
        },
        crashTime: {
          type: ['string', 'null'],
          pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$',
        },
        uptimeSeconds: {
          type: ['number', 'null'],
          minimum: 0,
        },
        secondaryData: {
          type: ['array', 'null'],
          items: {
            type: 'object',
            required: ['guid', 'bytes'],
            properties: {
              guid: {
                type: 'string',
                pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
              },
              bytes: {
                type: 'integer',
                minimum: 0,
              },
            },
          },
        },
      },
    },
    bugcheck: {
      type: 'object',
      required: ['code', 'name', 'parameters', 'meanings'],
      properties: {
        code: {
          $ref: '#/$defs/hex',
        },
        name: {
          type: 'string',
          minLength: 1,
        },
        description: {
          type: ['string', 'null'],
        },
        parameters: {
          type: 'array',
          minItems: 4,
          maxItems: 4,
          items: {
            $ref: '#/$defs/hex',
          },
        },
        meanings: {
          type: 'array',
          minItems: 4,
          maxItems: 4,
          items: {
            type: 'string',
            minLength: 1,
          },
        },
      },
    },
    system: {
      type: ['object', 'null'],
      properties: {
        buildText: {
          $ref: '#/$defs/known',
        },
        product: {
          $ref: '#/$defs/known',
        },
        process: {
          $ref: '#/$defs/known',
        },
        processor: {
          $ref: '#/$defs/known',
        },
      },
    },
    fault: {
      type: ['object', 'null'],
      properties: {
        ip: {
          $ref: '#/$defs/hexOrNull',
        },
        symbol: {
          type: ['string', 'null'],
        },
        instruction: {
          type: ['string', 'null'],
        },
        address: {
          $ref: '#/$defs/hexOrNull',
        },
        addressFrom: {
          enum: ['exception record', 'bug check parameters', 'registers', null],
        },
        access: {
          enum: ['read', 'write', 'execute', null],
        },
      },
    },
    stack: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['frame', 'ip', 'trust'],
        properties: {
          frame: {
            type: 'integer',
            minimum: 0,
          },
          sp: {
            $ref: '#/$defs/hexOrNull',
          },
          ip: {
            $ref: '#/$defs/hex',
          },
          module: {
            type: ['string', 'null'],
          },
          symbol: {
            type: ['string', 'null'],
          },
          offset: {
            type: ['integer', 'null'],
            minimum: 0,
          },
          trust: {
            enum: ['context', 'trap', 'unwind', 'frame-pointer', 'scan'],
          },
          inline: {
            type: 'boolean',
          },
        },
      },
    },
    modules: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['name', 'image', 'base', 'size'],
        properties: {
          name: {
            type: 'string',
            minLength: 1,
          },
          image: {
            type: 'string',
          },
          base: {
            $ref: '#/$defs/hex',
          },
          size: {
            type: 'integer',
            minimum: 0,
          },
          timestamp: {
            $ref: '#/$defs/hexOrNull',
          },
          symbols: {
            enum: ['pdb', 'isf', 'profile', 'exports', 'none'],
          },
        },
      },
    },
    unloadedModules: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['name', 'start', 'end'],
        properties: {
          name: {
            type: 'string',
          },
          start: {
            $ref: '#/$defs/hex',
          },
          end: {
            $ref: '#/$defs/hex',
          },
        },
      },
    },
    verdict: {
      type: 'object',
      required: ['kind', 'confidence', 'summary'],
      properties: {
        kind: {
          enum: [
            'pool-overrun',
            'pool-underrun',
            'double-free',
            'use-after-free',
            'invalid-free',
            'single-bit-error',
            'stray-write',
            'pool-header-corruption',
            'pool-misuse',
            'not-pool',
            'unknown',
          ],
        },
        confidence: {
          description:
            'How likely the kind, and the block where one is named, are right. Of verdicts said with 0.9 nine in ten should be.',
          type: 'number',
          minimum: 0,
          maximum: 1,
        },
        summary: {
          description: 'One sentence for a person.',
          type: 'string',
          minLength: 1,
        },
        block: {
          description:
            'The block that the verdict is about; which one that is depends on the kind, see docs/guide/verdict.md. The address is that of its header and the size is with the header; of special pool and large allocations, what the caller got.',
          type: ['object', 'null'],
          properties: {
            address: {
              $ref: '#/$defs/hexOrNull',
            },
            size: {
              type: ['integer', 'null'],
              minimum: 0,
            },
            tag: {
              type: ['string', 'null'],
            },
            pool: {
              enum: ['nonpaged', 'nonpaged-nx', 'paged', 'session', null],
            },
            allocator: {
              enum: ['classic', 'big', 'special', 'vs', 'lfh', 'segment', 'large', null],
            },
            state: {
              enum: ['allocated', 'free', null],
            },
          },
        },
        victims: {
          description: 'Blocks that were written into, the nearest first.',
          type: ['array', 'null'],
          items: {
            type: 'object',
            properties: {
              address: {
                $ref: '#/$defs/hexOrNull',
              },
              size: {
                type: ['integer', 'null'],
                minimum: 0,
              },
              tag: {
                type: ['string', 'null'],
              },
              state: {
                enum: ['allocated', 'free', null],
              },
            },
          },
        },
        damage: {
          description:
            'Changed bytes, from the first one outside the block that they came out of; the text is what they read as.',
          type: ['object', 'null'],
          properties: {
            start: {
              $ref: '#/$defs/hexOrNull',
            },
            length: {
              type: ['integer', 'null'],
              minimum: 0,
            },
            pattern: {
              enum: ['text', 'fill', 'zeros', 'pointers', 'bit', 'mixed', null],
            },
            text: {
              type: ['string', 'null'],
            },
          },
        },
        freedAddress: {
          description: 'What was passed to the function that frees.',
          $ref: '#/$defs/hexOrNull',
        },
        suspects: {
          description:
            'Modules with a reason, by file name, the most likely first; empty where there is none.',
          type: ['array', 'null'],
          items: {
            type: 'object',
            required: ['module', 'score', 'because'],
            properties: {
              module: {
                type: 'string',
                minLength: 1,
              },
              score: {
                type: 'number',
                minimum: 0,
                maximum: 1,
              },
              because: {
                type: 'array',
                minItems: 1,
                items: {
                  type: 'string',
                },
              },
            },
          },
        },
        evidence: {
          description: 'Claims in the order of the reasoning, each with the console command that shows it.',
          type: ['array', 'null'],
          items: {
            type: 'object',
            required: ['claim', 'command'],
            properties: {
              claim: {
                type: 'string',
              },
              command: {
                type: 'string',
              },
            },
          },
        },
        next: {
          description: 'What would settle what is open; empty where enough is proven.',
          type: ['array', 'null'],
          items: {
            type: 'string',
          },
        },
        picture: {
          type: ['object', 'null'],
          description:
            'The damaged memory, for a drawing: a page as parts in order, and the damaged bytes with some around them. `lost` is memory that no header explains any more.',
          required: ['page', 'parts', 'bytes'],
          properties: {
            page: {
              $ref: '#/$defs/hex',
            },
            parts: {
              type: 'array',
              items: {
                type: 'object',
                required: ['start', 'length', 'what', 'tag'],
                properties: {
                  start: {
                    $ref: '#/$defs/hex',
                  },
                  length: {
                    type: 'integer',
                    minimum: 0,
                  },
                  what: {
                    enum: ['allocated', 'free', 'damage', 'lost'],
                  },
                  tag: {
                    type: ['string', 'null'],
                  },
                },
              },
            },
            bytes: {
              type: ['object', 'null'],
              required: ['at', 'hex'],
              properties: {
                at: {
                  $ref: '#/$defs/hex',
                },
                hex: {
                  type: 'string',
                  pattern: '^([0-9a-f]{2})*$',
                },
              },
            },
          },
        },
      },
    },
    signature: {
      description: 'Stable over boots and machines: parts with bars between them, never an address.',
      type: ['string', 'null'],
    },
    signatureParts: {
      description: 'How the signature came about; only with --explain-signature.',
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['rule', 'value', 'why'],
        properties: {
          rule: {
            type: 'string',
            minLength: 1,
          },
          value: {
            type: 'string',
            minLength: 1,
          },
          why: {
            type: 'string',
            minLength: 1,
          },
        },
      },
    },
    missing: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['what', 'why', 'cost'],
        properties: {
          what: {
            type: 'string',
          },
          why: {
            type: 'string',
          },
          cost: {
            type: 'string',
          },
        },
      },
    },
    warnings: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['rule', 'message'],
        properties: {
          rule: {
            type: 'string',
            minLength: 1,
          },
          at: {
            $ref: '#/$defs/hexOrNull',
          },
          message: {
            type: 'string',
            minLength: 1,
          },
        },
      },
    },
  },
  $defs: {
    hex: {
      type: 'string',
      pattern: '^0x(0|[1-9a-f][0-9a-f]{0,15})$',
    },
    hexOrNull: {
      oneOf: [
        {
          $ref: '#/$defs/hex',
        },
        {
          type: 'null',
        },
      ],
    },
    known: {
      type: ['object', 'null'],
      required: ['value', 'from'],
      properties: {
        value: {
          type: ['string', 'number'],
        },
        from: {
          type: 'string',
        },
      },
    },
  },
} as const;
